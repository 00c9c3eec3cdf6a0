using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>
/// The layouts with parts whose arithmetic can be done in the head: attention gives 10x + 1, the feed-forward
/// 100x + 2, norm number i gives x + 0.1·2^i. A norm in another place, or reading something else, gives another number.
/// </summary>
public class BlockLayoutTests
{
    private const float Hidden = 3;

    [Fact]
    public void PostNorm_normalizes_each_sum()
    {
        float middle = Norm(0, Hidden + Attend(Hidden));
        Run(BlockLayout.PostNorm).Should().BeApproximately(Norm(1, middle + Feed(middle)), 1e-2f);
    }

    [Fact]
    public void PreNorm_normalizes_what_each_part_reads()
    {
        float middle = Hidden + Attend(Norm(0, Hidden));
        Run(BlockLayout.PreNorm).Should().BeApproximately(middle + Feed(Norm(1, middle)), 1e-2f);
    }

    [Fact]
    public void Sandwich_normalizes_what_each_part_reads_and_writes()
    {
        float middle = Hidden + Norm(1, Attend(Norm(0, Hidden)));
        Run(BlockLayout.Sandwich).Should().BeApproximately(middle + Norm(3, Feed(Norm(2, middle))), 1e-2f);
    }

    [Fact]
    public void OutputNorm_normalizes_what_each_part_writes()
    {
        float middle = Hidden + Norm(0, Attend(Hidden));
        Run(BlockLayout.OutputNorm).Should().BeApproximately(middle + Norm(1, Feed(middle)), 1e-2f);
    }

    [Fact]
    public void Parallel_lets_both_parts_read_the_same() =>
        Run(BlockLayout.Parallel).Should().BeApproximately(Hidden + Attend(Norm(0, Hidden)) + Feed(Norm(1, Hidden)), 1e-2f);

    [Theory]
    [InlineData("PostNorm", "post_attention_layernorm", "post_feedforward_layernorm")]
    [InlineData("PreNorm", "input_layernorm", "post_attention_layernorm")]
    [InlineData("Sandwich", "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")]
    [InlineData("Parallel", "input_layernorm", "post_attention_layernorm")]
    [InlineData("OutputNorm", "post_attention_layernorm", "post_feedforward_layernorm")]
    public void Norms_are_read_under_the_layout_s_names(string name, params string[] expected)
    {
        BlockLayout layout = new[] { BlockLayout.PostNorm, BlockLayout.PreNorm, BlockLayout.Sandwich, BlockLayout.Parallel, BlockLayout.OutputNorm }.Single(l => l.Name == name);
        TinyModels.Builder("article").WithBlockLayout(layout).Describe().Components
            .Where(c => c.Layer == 1 && c.Name == "LayerNormalization").Select(c => c.Path)
            .Should().Equal(expected.Select(norm => $"model.layers.1.{norm}"));
    }

    private static float Attend(float x) => (10 * x) + 1;

    private static float Feed(float x) => (100 * x) + 2;

    private static float Norm(int number, float x) => x + (0.1f * (1 << number));

    private static float Run(BlockLayout layout)
    {
        INormalization[] norms = [.. Enumerable.Range(0, layout.NormNames.Count).Select(i => new FakeNorm(i))];
        DecoderBlock block = new(new FakeAttention(), new FakeFeedForward(), norms, layout, new Dropout(0.5));
        float[] y = Bench.Run([Hidden, Hidden], 1, 1, null, (MatrixSpan x, MatrixSpan output, in ForwardContext context) =>
        {
            block.Forward(x, context);
            x.CopyTo(output);
        });
        y[1].Should().Be(y[0]);
        return y[0];
    }

    private sealed class FakeAttention : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity) => null;

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context) => Map(x, y, Attend);
    }

    private sealed class FakeFeedForward : IFeedForward
    {
        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context) => Map(x, y, Feed);
    }

    private sealed class FakeNorm(int number) : INormalization
    {
        public void Forward(MatrixSpan x, MatrixSpan y) => Map(x, y, value => Norm(number, value));
    }

    private static void Map(MatrixSpan x, MatrixSpan y, Func<float, float> function)
    {
        for (int row = 0; row < x.Rows; row++)
            for (int i = 0; i < x.Columns; i++)
                y[row][i] = function(x[row][i]);
    }
}
