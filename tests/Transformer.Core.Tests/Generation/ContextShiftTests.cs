using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>A context that is full goes on only when asked, and then as if what is left had been the text from the beginning.</summary>
public class ContextShiftTests
{
    public static TheoryData<string, int> Cases => new()
    {
        { "llama", 0 },
        { "llama", 1 },
        { "llama", 5 },
        { "gpt2", 3 },
        { "article", 4 },
        { "gemma", 2 },
        { "deepseek", 2 },
        { "llama", 500 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_rest_is_computed_again_at_its_new_positions(string family, int keep)
    {
        const int context = 16;
        TransformerModel model = TinyModels.Builder(family).WithTokenizer(new LetterTokenizer()).WithContextLength(context).Build();
        GenerationResult result = model.Complete("abcdefg", new GenerationOptions { MaxTokens = 60, IgnoreEndTokens = true, ShiftContext = true, KeepTokens = keep });
        (result.FinishReason, result.TokenIds.Count).Should().Be((FinishReason.MaxTokens, 60));

        // The same by hand: every token from a fresh session.
        List<int> tokens = [.. result.PromptTokenIds], generated = [];
        int kept = Math.Min(keep, context - 2);
        while (generated.Count < 60)
        {
            if (tokens.Count > context)
                tokens.RemoveRange(kept, Math.Max(1, (context - kept) / 2));
            using DecoderSession session = model.CreateSession();
            float[] logits = session.Forward([.. tokens]).ToArray();
            generated.Add(Array.IndexOf(logits, logits.Max()));
            tokens.Add(generated[^1]);
        }
        result.TokenIds.Should().Equal(generated);
    }

    [Fact]
    public void Not_asked_for_it_ends_the_text_and_a_prompt_must_fit_in_any_case()
    {
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).WithContextLength(16).Build();
        model.Complete("abc", new GenerationOptions { IgnoreEndTokens = true }).FinishReason.Should().Be(FinishReason.ContextFull);
        ((Action)(() => model.Complete(new string('a', 16), new GenerationOptions { ShiftContext = true }))).Should().Throw<ContextLengthExceededException>();
    }
}
