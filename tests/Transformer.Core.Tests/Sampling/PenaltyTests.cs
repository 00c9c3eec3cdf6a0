using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

/// <summary>Steps that look at the text so far, on sequences that can be worked out by hand.</summary>
public class PenaltyTests
{
    private const float Out = float.NegativeInfinity;

    // a b c c b c y a b c: behind "a b c" came c, behind "b c" also y, behind "c" also b.
    private static readonly int[] Rhyme = [0, 1, 2, 2, 1, 2, 3, 0, 1, 2];

    [Fact]
    public void Frequency_counts_and_presence_does_not() =>
        Run(new OccurrencePenalty(0.5, 0.25), [0, 0, 1, 9, -1], 1, 1, 1).Should().Equal(-0.25f, 0.25f, 1);

    [Fact]
    public void Occurrences_are_counted_as_far_as_the_window()
    {
        Run(new OccurrencePenalty(1, 0, window: 2), [0, 0, 1, 1], 1, 1).Should().Equal(1, -1);
        Run(new OccurrencePenalty(1, 1, window: 0), [0, 0, 1, 1], 1, 1).Should().Equal(1, 1);
        Run(new OccurrencePenalty(-1, 0, int.MaxValue), [0, 0], 1, Out).Should().Equal([3, Out], "a penalty below 0 encourages");
    }

    [Theory]
    [InlineData(1, new[] { 1, 2 }, new[] { 1, 2 })]
    [InlineData(2, new[] { 1, 2, 3, 1 }, new[] { 2 })]
    [InlineData(2, new[] { 1, 2, 1, 3, 1 }, new[] { 2, 3 })]
    [InlineData(3, new[] { 1, 2, 3, 1, 2 }, new[] { 3 })]
    [InlineData(3, new[] { 1, 2, 3, 2, 1 }, new int[0])]
    [InlineData(4, new[] { 1, 2, 3 }, new int[0])]
    [InlineData(2, new int[0], new int[0])]
    public void No_ngram_comes_twice(int size, int[] tokens, int[] banned)
    {
        float[] logits = Run(new NoRepeatNgram(size), tokens, 1, 1, 1, 1);
        Enumerable.Range(0, 4).Where(i => logits[i] == Out).Should().Equal(banned);
    }

    [Fact]
    public void A_bias_is_added_and_may_ban()
    {
        Run(new LogitBias(new Dictionary<int, double> { [0] = 2.5, [2] = double.NegativeInfinity, [9] = 1 }), [], 1, 1, 1).Should().Equal(3.5f, 1, Out);
        Run(new LogitBias(new Dictionary<int, double> { [0] = 100 }), [], Out, 1).Should().Equal(Out, 1);
    }

    [Fact]
    public void Dry_punishes_what_would_prolong_a_repetition()
    {
        // c would make 3 tokens 4, y 2 tokens 3, b one token two.
        Run(new Dry(1, 2, allowedLength: 1), Rhyme, 10, 10, 10, 10).Should().Equal(10, 9, 6, 8);
        Run(new Dry(3, 2, allowedLength: 2), Rhyme, 10, 10, 10, 10).Should().Equal(10, 10, 4, 7);
        Run(new Dry(1, 2, allowedLength: 4), Rhyme, 10, 10, 10, 10).Should().Equal(10, 10, 10, 10);
    }

    [Fact]
    public void Dry_looks_back_as_far_as_its_window()
    {
        // Of "c b c y a b c" only "b c" and "c" are there twice.
        Run(new Dry(1, 2, 1, window: 7), Rhyme, 10, 10, 10, 10).Should().Equal(10, 9, 10, 8);
        Run(new Dry(1, 2, 1, window: 0), Rhyme, 10, 10, 10, 10).Should().Equal(10, 10, 10, 10);
    }

    [Fact]
    public void No_repetition_reaches_over_a_breaker()
    {
        // Behind y stand three tokens, behind a two, behind "a b" one.
        Run(new Dry(1, 2, 1, breakers: [[3]]), Rhyme, 10, 10, 10, 10).Should().Equal([10, 9, 6, 10], "a breaker itself is never punished");
        Run(new Dry(1, 2, 1, breakers: [[0]]), Rhyme, 10, 10, 10, 10).Should().Equal(10, 9, 8, 8);
        Run(new Dry(1, 2, 1, breakers: [[0, 1]]), Rhyme, 10, 10, 10, 10).Should().Equal(10, 9, 9, 9);
        Run(new Dry(1, 2, 2, breakers: [[0, 1]]), Rhyme, 10, 10, 10, 10).Should().Equal(10, 10, 10, 10);
        Run(new Dry(1, 2, 1, breakers: [[2]]), Rhyme, 10, 10, 10, 10).Should().Equal(10, 10, 10, 10);
        Run(new Dry(1, 2, 1, breakers: [[0, 3]]), Rhyme, 10, 10, 10, 10).Should().Equal([10, 9, 6, 8], "a followed by y is nowhere");
    }

    [Fact]
    public void Dry_does_not_pass_the_largest_float()
    {
        int[] same = new int[2000];
        float[] logits = Run(new Dry(1, 2, 2), same, 0, 0);
        logits[0].Should().BeLessThan(-1e37f).And.BeGreaterThan(Out);
        logits[1].Should().Be(0);
    }

    [Fact]
    public void Dry_is_that_of_every_place_compared_by_itself()
    {
        Dry dry = new(1, 1.5, 2, breakers: [[4]]);
        for (int seed = 0; seed < 50; seed++)
        {
            int[] tokens = Support.Noise.Tokens(seed, 60, seed % 2 == 0 ? 3 : 5);
            int limit = Array.LastIndexOf(tokens, 4) is >= 0 and var at ? tokens.Length - 1 - at : tokens.Length;
            float[] expected = new float[5];
            int[] longest = [-1, -1, -1, -1, -1];
            for (int next = 1; next < tokens.Length; next++)
            {
                int length = 0;
                while (length < next && tokens[next - 1 - length] == tokens[^(1 + length)])
                    length++;
                longest[tokens[next]] = Math.Max(longest[tokens[next]], Math.Min(length, limit));
            }
            for (int id = 0; id < 4 && limit >= 2; id++)
                expected[id] = longest[id] >= 2 ? -(float)Math.Pow(1.5, longest[id] - 2) : 0;
            Run(dry, tokens, 0, 0, 0, 0, 0).Should().Equal(expected, (a, b) => Math.Abs(a - b) <= 1e-5f * Math.Max(1, Math.Abs(b)), $"seed {seed}");
        }
    }

    [Fact]
    public void Impossible_values_are_refused_by_step_and_name()
    {
        foreach ((Action wrong, string message) in (ReadOnlySpan<(Action, string)>)
        [
            (() => _ = new OccurrencePenalty(double.NaN, 0), "OccurrencePenalty*frequency*"), (() => _ = new OccurrencePenalty(0, double.PositiveInfinity), "OccurrencePenalty*presence*"),
            (() => _ = new OccurrencePenalty(0, 0, -1), "*window*"), (() => _ = new NoRepeatNgram(0), "*size*"),
            (() => _ = new LogitBias(new Dictionary<int, double> { [0] = double.NaN }), "LogitBias*"), (() => _ = new LogitBias(new Dictionary<int, double> { [-1] = 1 }), "*"),
            (() => _ = new Dry(-1), "Dry*multiplier*"), (() => _ = new Dry(1, 0.5), "Dry*base*"), (() => _ = new Dry(1, 2, -1), "*allowedLength*"), (() => _ = new Dry(1, 2, 1, -1), "*window*"),
        ])
            wrong.Should().Throw<ArgumentOutOfRangeException>().WithMessage(message);
        ((Action)(() => _ = new Dry(1, breakers: [[]]))).Should().Throw<ArgumentException>().WithMessage("Dry*empty*");
    }

    private static float[] Run(ILogitsProcessor step, int[] tokens, params float[] logits)
    {
        float[] copy = [.. logits];
        step.Process(copy, tokens);
        return copy;
    }
}
