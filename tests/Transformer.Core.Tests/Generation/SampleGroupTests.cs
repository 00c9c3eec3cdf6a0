using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Several completions of one prompt.</summary>
public class SampleGroupTests
{
    private readonly RowCounter _counter = new();

    [Fact]
    public void Each_is_that_of_its_seed_and_the_prompt_is_computed_once()
    {
        TextGenerator generator = new(_counter.Builder("llama").Build());
        GenerationOptions options = new() { MaxTokens = 15, Temperature = 1.2, Seed = 40, IgnoreEndTokens = true };
        string prompt = new('q', 99);
        IReadOnlyList<GenerationResult> alone = [.. Enumerable.Range(0, 5).Select(i => generator.Complete(prompt, options with { Seed = 40 + i }))];
        _counter.Take();
        IReadOnlyList<GenerationResult> together = generator.CompleteMany(prompt, 5, options);
        _counter.Take().Should().Be(100 + (5 * 14));
        for (int i = 0; i < 5; i++)
        {
            together[i].TokenIds.Should().Equal(alone[i].TokenIds);
            together[i].Text.Should().Be(alone[i].Text);
            together[i].CachedPromptTokens.Should().Be(i == 0 ? 0 : 100);
        }
        together.Select(result => result.Text).Distinct().Should().HaveCountGreaterThan(1);
    }

    [Fact]
    public void Each_ends_by_itself()
    {
        TextGenerator generator = new(_counter.Builder("llama").Build());
        int made = 0;
        string[] texts = ["ab", "hello", "", "x stop y"];
        GenerationOptions options = new()
        {
            MaxTokens = 12,
            StopStrings = ["stop"],
            Sampler = () => new Script([.. texts[made++].Select(LetterTokenizer.Letter), LetterTokenizer.End]),
        };
        IReadOnlyList<GenerationResult> results = generator.CompleteMany("a", 4, options);
        results.Select(result => result.Text).Should().Equal("ab", "hello", "", "x ");
        results.Select(result => result.FinishReason).Should().Equal(FinishReason.EndToken, FinishReason.EndToken, FinishReason.EndToken, FinishReason.StopString);
    }

    [Fact]
    public void Greedy_ones_are_all_the_same_and_none_may_be_wanted()
    {
        TextGenerator generator = new(_counter.Builder("gemma").Build());
        GenerationOptions options = new() { MaxTokens = 40, IgnoreEndTokens = true };
        IReadOnlyList<int> alone = generator.Complete("abc", options).TokenIds;
        generator.CompleteMany("abc", 3, options).Should().OnlyContain(result => result.TokenIds.SequenceEqual(alone));
        generator.CompleteMany("abc", 2, options with { MaxTokens = 0 }).Should().OnlyContain(result => result.TokenIds.Count == 0 && result.FinishReason == FinishReason.MaxTokens);
        ((Action)(() => generator.CompleteMany("abc", 0))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("count");
        ((Action)(() => generator.CompleteMany("abc", 2, null, new CancellationToken(canceled: true)))).Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void A_full_context_ends_or_shifts_each()
    {
        TextGenerator generator = new(_counter.Builder("llama").WithContextLength(10).Build());
        GenerationOptions options = new() { MaxTokens = 25, Temperature = 1, Seed = 1, IgnoreEndTokens = true };
        generator.CompleteMany("abcdef", 2, options).Should().OnlyContain(result => result.FinishReason == FinishReason.ContextFull && result.TokenIds.Count == 4);
        IReadOnlyList<GenerationResult> shifted = generator.CompleteMany("abcdef", 2, options with { ShiftContext = true });
        shifted[0].TokenIds.Should().HaveCount(25).And.Equal(generator.Complete("abcdef", options with { ShiftContext = true }).TokenIds);
    }
}
