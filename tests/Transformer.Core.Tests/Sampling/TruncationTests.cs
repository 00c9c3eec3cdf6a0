using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

/// <summary>Steps that cut the distribution off, on probabilities of one half, one quarter and two eighths: information of 1, 2 and 3 bits, entropy 1.75.</summary>
public class TruncationTests
{
    private const float Out = float.NegativeInfinity;

    private static readonly float[] Halves = [MathF.Log(0.125f), MathF.Log(0.5f), MathF.Log(0.125f), MathF.Log(0.25f)];

    // Distances from the entropy, in bits: 1.25, 0.75, 1.25, 0.25.
    [Theory]
    [InlineData(0.2, new[] { 3 })]
    [InlineData(0.5, new[] { 1, 3 })]
    [InlineData(0.7, new[] { 1, 3 })]
    [InlineData(0.8, new[] { 0, 1, 3 })]
    [InlineData(0.9, new[] { 0, 1, 2, 3 })]
    [InlineData(1, new[] { 0, 1, 2, 3 })]
    public void Typical_keeps_what_is_nearest_to_the_entropy(double p, int[] kept) => Kept(new Typical(p), Halves).Should().Equal(kept);

    [Fact]
    public void Typical_of_excluded_tokens()
    {
        Kept(new Typical(0.2), [Out, .. Halves]).Should().Equal(4);
        Kept(new Typical(0.2), [Out, Out]).Should().BeEmpty();
        Kept(new Typical(0.2), [Out, 7]).Should().Equal(1);
    }

    // The deviation of 2, 4, 4, 4, 5, 5, 7, 9 is 2 (their mean 5).
    [Theory]
    [InlineData(0.4, new[] { 7 })]
    [InlineData(1, new[] { 6, 7 })]
    [InlineData(2, new[] { 4, 5, 6, 7 })]
    [InlineData(3.4, new[] { 1, 2, 3, 4, 5, 6, 7 })]
    [InlineData(3.5, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    public void TopNSigma_keeps_logits_near_the_largest(double n, int[] kept)
    {
        Kept(new TopNSigma(n), [2, 4, 4, 4, 5, 5, 7, 9]).Should().Equal(kept);
        Kept(new TopNSigma(n), [2, 4, 4, 4, 5, 5, 7, 9, Out, Out]).Should().Equal(kept, "what is excluded has no part in the deviation");
    }

    [Fact]
    public void TopNSigma_of_next_to_nothing()
    {
        Kept(new TopNSigma(1), [Out, Out]).Should().BeEmpty();
        Kept(new TopNSigma(1), [Out, 3]).Should().Equal(1);
        Kept(new TopNSigma(0.1), [3, 3, 3]).Should().Equal(0, 1, 2);
    }

    [Theory]
    [InlineData(0.2, new[] { 0, 2, 3 })] // a half and a quarter are top choices: the half goes
    [InlineData(0.1, new[] { 2 })] // all are: only the last stays
    [InlineData(0.3, new[] { 0, 1, 2, 3 })] // one alone stays
    [InlineData(0.51, new[] { 0, 1, 2, 3 })]
    [InlineData(0, new[] { 2 })]
    public void Xtc_keeps_the_least_of_the_top_choices(double threshold, int[] kept)
    {
        Kept(new Xtc(1, threshold, seed: 1), Halves).Should().Equal(kept);
        Kept(new Xtc(0, threshold, seed: 1), Halves).Should().Equal(0, 1, 2, 3);
    }

    [Fact]
    public void Xtc_acts_as_often_as_it_should()
    {
        Xtc xtc = new(0.3, 0.2, seed: 7);
        int acted = Enumerable.Range(0, 4000).Count(_ => Kept(xtc, Halves).Length == 3);
        acted.Should().BeInRange(1060, 1340, "0.3 of 4000, five standard deviations either way");
        Kept(new Xtc(1, 0.1, seed: 1), [Out, 5]).Should().Equal(1);
    }

    [Fact]
    public void TopP_of_a_large_vocabulary_is_that_of_all_sorted()
    {
        float[] logits = Support.Noise.Floats(3, 5000, 3);
        foreach (double p in (double[])[0.05, 0.5, 0.9, 0.99, 0.9999])
        {
            int[] sorted = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(i => i)];
            double total = logits.Sum(l => Math.Exp(l)), sum = 0;
            int count = 0;
            while (sum < p * total)
                sum += Math.Exp(logits[sorted[count++]]);
            Kept(new TopP(p), logits).Should().Equal(sorted[..count].Order());
        }
    }

    [Fact]
    public void Impossible_values_are_refused_by_step_and_name()
    {
        foreach ((Action wrong, string message) in (ReadOnlySpan<(Action, string)>)
        [
            (() => _ = new Typical(0), "Typical*p*"), (() => _ = new Typical(double.NaN), "Typical*p*NaN*"),
            (() => _ = new TopNSigma(0), "TopNSigma*n*"), (() => _ = new TopNSigma(double.PositiveInfinity), "TopNSigma*n*"),
            (() => _ = new Xtc(1.1, 0.1, 1), "Xtc*probability*"), (() => _ = new Xtc(0.5, double.NaN, 1), "Xtc*threshold*"),
            (() => _ = new DynamicTemperature(-1, 1), "DynamicTemperature*value*"), (() => _ = new DynamicTemperature(1, double.NaN), "DynamicTemperature*range*"),
            (() => _ = new DynamicTemperature(1, 1, -1), "DynamicTemperature*exponent*"),
        ])
            wrong.Should().Throw<ArgumentOutOfRangeException>().WithMessage(message);
    }

    [Fact]
    public void Dynamic_temperature_follows_the_entropy()
    {
        // Entropy 1.75 bits of at most 2: 0.5 + 1 x 0.875.
        float[] logits = [.. Halves];
        new DynamicTemperature(1, 0.5).Process(logits, []);
        Near(logits, Halves, 1.375);
        logits = [.. Halves];
        new DynamicTemperature(1, 0.5, 2).Process(logits, []);
        Near(logits, Halves, 0.5 + 0.765625);
        logits = [Out, 3, 3];
        new DynamicTemperature(1, 0.5).Process(logits, []);
        Near(logits, [Out, 3, 3], 1.5);
    }

    [Fact]
    public void Dynamic_temperature_of_nothing_is_greedy()
    {
        float[] logits = [0, 200, 100];
        new DynamicTemperature(0.5, 0.5).Process(logits, []);
        Kept(new Temperature(1), logits).Should().Equal(1);
        float[] one = [Out, 4];
        new DynamicTemperature(1, 0.5).Process(one, []);
        one.Should().Equal(Out, 4);
    }

    private static void Near(float[] found, float[] logits, double temperature)
    {
        for (int i = 0; i < found.Length; i++)
            found[i].Should().Be(logits[i] == Out ? Out : found[i]).And.BeApproximately((float)(logits[i] / temperature), float.IsFinite(logits[i]) ? 1e-5f : 0);
    }

    private static int[] Kept(ILogitsProcessor step, float[] logits)
    {
        float[] copy = [.. logits];
        step.Process(copy, []);
        for (int i = 0; i < copy.Length; i++)
            (copy[i] == Out || copy[i] == logits[i]).Should().BeTrue();
        return [.. Enumerable.Range(0, copy.Length).Where(i => copy[i] != Out)];
    }
}
