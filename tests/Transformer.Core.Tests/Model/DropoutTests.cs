using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

public class DropoutTests
{
    private const int Columns = 2000;

    [Fact]
    public void Without_a_seed_it_is_the_identity()
    {
        float[] x = Noise.Floats(1, Columns);
        Drop(x, 0.5, seed: null).Should().Equal(x);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void With_a_seed_it_drops_about_the_rate_and_scales_the_rest(double rate)
    {
        float[] ones = [.. Enumerable.Repeat(1f, 5 * Columns)];
        float[] dropped = Drop(ones, rate, 7);
        int zeros = dropped.Count(v => v == 0);
        double sigma = Math.Sqrt(ones.Length * rate * (1 - rate));
        zeros.Should().BeInRange((int)((ones.Length * rate) - (3 * sigma)), (int)((ones.Length * rate) + (3 * sigma)));
        dropped.Where(v => v != 0).Should().AllSatisfy(v => v.Should().BeApproximately((float)(1 / (1 - rate)), 1e-6f));
    }

    [Fact]
    public void The_choice_depends_on_seed_layer_site_and_position_and_on_nothing_else()
    {
        float[] ones = [.. Enumerable.Repeat(1f, 2 * Columns)];
        float[] once = Drop(ones, 0.3, 7);
        Drop(ones, 0.3, 7).Should().Equal(once);
        Drop(ones, 0.3, 8).Should().NotEqual(once);
        Drop(ones, 0.3, 7, layer: 1).Should().NotEqual(once);
        Drop(ones, 0.3, 7, site: DecoderBlock.FeedForwardSite).Should().NotEqual(once);
        once[..Columns].Should().NotEqual(once[Columns..], "the rows stand at different positions");
        Drop(ones[..Columns], 0.3, 7).Should().Equal(once[..Columns], "a row's neighbours do not matter");
    }

    [Fact]
    public void A_session_s_seed_changes_the_logits_repeatably()
    {
        TransformerModel model = TinyModels.Build("article");
        float[] plain = Logits(null);
        float[] first = Logits(1);
        first.Should().NotEqual(plain);
        Logits(1).Should().Equal(first);
        Logits(2).Should().NotEqual(first);
        Logits(null).Should().Equal(plain);

        float[] Logits(ulong? seed)
        {
            using DecoderSession session = model.CreateSession();
            session.DropoutSeed = seed;
            return session.Forward([3, 1, 4]).ToArray();
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Impossible_rates_are_refused(double rate) => ((Action)(() => _ = new Dropout(rate))).Should().Throw<ArgumentOutOfRangeException>();

    private static float[] Drop(float[] x, double rate, ulong? seed, int layer = 0, int site = DecoderBlock.AttentionSite)
    {
        Dropout dropout = new(rate);
        return Bench.Run(
            [.. x],
            Columns,
            Columns,
            null,
            (MatrixSpan input, MatrixSpan output, in ForwardContext context) =>
            {
                dropout.Apply(input, site, context);
                input.CopyTo(output);
            },
            seed,
            layer);
    }
}
