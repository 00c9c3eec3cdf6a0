using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

/// <summary>Each step on vectors that can be worked out by hand.</summary>
public class LogitsProcessorTests
{
    private const float Out = float.NegativeInfinity;

    [Fact]
    public void Temperature_divides() => Run(new Temperature(0.5), 1, -2, 0, Out).Should().Equal(2, -4, 0, Out);

    [Fact]
    public void TopK_keeps_the_largest() => Run(new TopK(2), 1, 5, 3, 4).Should().Equal(Out, 5, Out, 4);

    [Fact]
    public void TopK_keeps_smaller_ids_of_equal_ones()
    {
        Run(new TopK(2), 3, 1, 3, 3).Should().Equal(3, Out, 3, Out);
        Run(new TopK(3), 7, 7, 7, 7, 7).Should().Equal(7, 7, 7, Out, Out);
        Run(new TopK(2), 1, 9, 1, 1).Should().Equal(1, 9, Out, Out);
    }

    [Fact]
    public void TopK_leaves_what_is_excluded_already()
    {
        Run(new TopK(2), Out, 1, Out, Out).Should().Equal(Out, 1, Out, Out);
        Run(new TopK(1), Out, Out).Should().Equal(Out, Out);
        Run(new TopK(4), 1, 2, 3).Should().Equal(1, 2, 3);
    }

    [Fact]
    public void TopK_can_be_used_again_and_again()
    {
        TopK topK = new(1);
        Run(topK, 1, 2, 3).Should().Equal(Out, Out, 3);
        Run(topK, 3, 2, 1).Should().Equal(3, Out, Out);
    }

    // probabilities 0.5, 0.25, 0.125, 0.125
    [Theory]
    [InlineData(0.4, 1)]
    [InlineData(0.51, 2)]
    [InlineData(0.74, 2)]
    [InlineData(0.76, 3)]
    [InlineData(0.99, 4)]
    [InlineData(1, 4)]
    [InlineData(1e-9, 1)]
    public void TopP_keeps_the_fewest_that_reach_it(double p, int kept)
    {
        float[] logits = [MathF.Log(0.125f), MathF.Log(0.5f), MathF.Log(0.125f), MathF.Log(0.25f)];
        float[] result = Run(new TopP(p), logits);
        result.Count(v => v != Out).Should().Be(kept);
        result[1].Should().Be(logits[1]);
        if (kept > 1)
            result[3].Should().Be(logits[3]);
    }

    [Fact]
    public void TopP_of_excluded_and_equal_logits()
    {
        Run(new TopP(0.5), Out, Out).Should().Equal(Out, Out);
        Run(new TopP(0.5), Out, 3, Out).Should().Equal(Out, 3, Out);
        Run(new TopP(0.49), 2, 2, 2, 2).Count(v => v != Out).Should().Be(2);
        Run(new TopP(0.9), 1000, 0).Should().Equal([1000, Out], "the exponential must not overflow");
    }

    [Theory]
    [InlineData(0.5, 3)] // 0.5, 0.25 of 0.5 and the one at the border stay
    [InlineData(0.3, 3)]
    [InlineData(0.24, 4)]
    [InlineData(1, 2)]
    public void MinP_keeps_what_is_probable_enough(double p, int kept)
    {
        // Ratios to the most probable: 1, 1, slightly above 0.5, 0.25.
        Run(new MinP(p), 0, 0, MathF.Log(0.501f), MathF.Log(0.25f)).Count(v => v != Out).Should().Be(kept);
    }

    [Fact]
    public void MinP_of_excluded_logits()
    {
        Run(new MinP(0.1), Out, Out).Should().Equal(Out, Out);
        Run(new MinP(0.1), Out, 5).Should().Equal(Out, 5);
    }

    [Fact]
    public void Repetition_divides_positive_and_multiplies_negative_logits_once()
    {
        float[] logits = [2, -2, 2, -2, 0];
        new RepetitionPenalty(2).Process(logits, [0, 1, 0, 1, 0, 4]);
        logits.Should().Equal(1, -4, 2, -2, 0);
    }

    [Fact]
    public void Repetition_looks_back_as_far_as_its_window()
    {
        float[] logits = [2, 2, 2];
        new RepetitionPenalty(2, window: 2).Process(logits, [0, 1, 2]);
        logits.Should().Equal(2, 1, 1);
        float[] none = [2, 2, 2];
        new RepetitionPenalty(2, window: 0).Process(none, [0, 1, 2]);
        none.Should().Equal(2, 2, 2);
    }

    [Fact]
    public void Repetition_leaves_excluded_tokens_and_foreign_ids_alone()
    {
        float[] logits = [Out, 1];
        new RepetitionPenalty(2).Process(logits, [0, 7, -1]);
        logits.Should().Equal(Out, 1);
    }

    [Fact]
    public void Impossible_values_are_refused()
    {
        foreach (Action wrong in (Action[])
        [
            () => _ = new Temperature(0), () => _ = new Temperature(double.NaN), () => _ = new Temperature(double.PositiveInfinity),
            () => _ = new TopK(0), () => _ = new TopP(0), () => _ = new TopP(1.1), () => _ = new TopP(double.NaN),
            () => _ = new MinP(0), () => _ = new MinP(2), () => _ = new RepetitionPenalty(0), () => _ = new RepetitionPenalty(1, -1),
        ])
            wrong.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static float[] Run(ILogitsProcessor processor, params float[] logits)
    {
        float[] copy = [.. logits];
        processor.Process(copy, []);
        return copy;
    }
}
