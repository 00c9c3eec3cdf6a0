using Transformer.Core.Embedding;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Embedding;

public class TokenEmbeddingTests
{
    private readonly NoiseWeights _weights = new(4);

    [Theory]
    [InlineData(1)]
    [InlineData(6.5)]
    public void Rows_of_the_table_times_the_scale(double scale)
    {
        float[] table = _weights.Values("weight", 10, 7);
        double[] expected = [.. new[] { 9, 0, 9 }.SelectMany(id => table.AsSpan(id * 7, 7).ToArray()).Select(value => value * scale)];
        Difference.Relative(Run(new TokenEmbedding(Bench.Context(_weights, 7), scale)), expected).Should().BeLessThan(1e-7);
    }

    [Fact]
    public void A_normalized_embedding_reads_its_norm_below_itself()
    {
        ComponentContext context = Bench.Context(_weights, 7);
        float[] rows = Run(new TokenEmbedding(context));
        new LayerNormalization(context.Below("norm")).Forward(new MatrixSpan(rows, 3, 7), new MatrixSpan(rows, 3, 7));
        Run(new NormalizedEmbedding(new TokenEmbedding(context), new LayerNormalization(context.Below("norm")))).Should().Equal(rows);
        context.Below("norm").Weights.Path.Should().Be("norm");
    }

    private static float[] Run(IEmbedding embedding)
    {
        float[] rows = new float[3 * 7];
        embedding.Forward([9, 0, 9], new MatrixSpan(rows, 3, 7));
        return rows;
    }
}
