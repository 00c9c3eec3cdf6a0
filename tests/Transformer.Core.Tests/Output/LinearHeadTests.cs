using Transformer.Core.Output;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Output;

public class LinearHeadTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Logits_are_products_with_the_rows_of_the_matrix(bool tied, bool bias)
    {
        NoiseWeights weights = new(2);
        float[] x = Noise.Floats(1, 2 * 6);
        LinearHead head = new(Bench.Context(weights, hidden: 6, vocabulary: 9), tied, bias);
        float[] matrix = weights.Values(tied ? "model.embed_tokens.weight" : "weight", 9, 6);
        float[] add = bias ? weights.Values("bias", 1, 9) : new float[9];
        double[] expected = [.. Enumerable.Range(0, 18).Select(i => add[i % 9] + Enumerable.Range(0, 6).Sum(k => (double)x[(i / 9 * 6) + k] * matrix[(i % 9 * 6) + k]))];
        Difference.Relative(Bench.Run(head, x, 6, 9), expected).Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Logits_can_be_capped()
    {
        NoiseWeights weights = new(2);
        float[] x = Noise.Floats(1, 2 * 6);
        double[] expected = [.. Bench.Run(new LinearHead(Bench.Context(weights, hidden: 6, vocabulary: 9)), x, 6, 9).Select(logit => 1.5 * Math.Tanh(logit / 1.5))];
        Difference.Relative(Bench.Run(new LinearHead(Bench.Context(weights, hidden: 6, vocabulary: 9), cap: 1.5), x, 6, 9), expected).Should().BeLessThan(1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void An_impossible_cap_is_refused(double cap) =>
        FluentActions.Invoking(() => new LinearHead(Bench.Context(new NoiseWeights(1), 6), cap: cap)).Should().Throw<ArgumentException>().WithMessage("Logit cap*");

    [Fact]
    public void A_tied_head_adds_no_weights()
    {
        TransformerBuilder builder = TinyModels.Builder("article");
        long tied = builder.Describe().ParameterCount;
        long own = builder.WithOutputHead(c => new LinearHead(c, tied: false)).Describe().ParameterCount;
        (own - tied).Should().Be(TinyModels.Vocabulary * 20);
    }
}
