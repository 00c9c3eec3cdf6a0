using Transformer.Core.Sampling;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

public class TextGeneratorTests
{
    private static readonly TransformerModel Model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build();

    [Fact]
    public void No_tokens_wanted_none_made()
    {
        GenerationResult result = Model.Complete("abc", new GenerationOptions { MaxTokens = 0 });
        (result.Text, result.FinishReason, result.TokenIds.Count).Should().Be(("", FinishReason.MaxTokens, 0));
        result.PromptTokenIds.Should().Equal(0, 2, 3, 4);
    }

    [Fact]
    public void One_token_comes_from_the_prompt_alone()
    {
        GenerationResult result = Model.Complete("abc", Script.Options("k") with { MaxTokens = 1 });
        (result.Text, result.FinishReason).Should().Be(("k", FinishReason.MaxTokens));
        result.DecodeTime.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Greedy_is_the_largest_logit_each_time()
    {
        GenerationResult result = Model.Complete("abc", new GenerationOptions { MaxTokens = 12, IgnoreEndTokens = true });
        using DecoderSession session = Model.CreateSession();
        session.Forward([0, 2, 3, 4]);
        List<int> expected = [];
        for (int i = 0; i < 12; i++)
        {
            expected.Add(session.Logits.IndexOf(session.Logits.ToArray().Max()));
            session.Forward(expected[^1]);
        }
        result.TokenIds.Should().Equal(expected);
    }

    [Fact]
    public void An_end_token_ends_the_text_and_has_none_itself()
    {
        GenerationResult result = Model.Complete("abc", Script.Options("hello", LetterTokenizer.End));
        (result.Text, result.FinishReason).Should().Be(("hello", FinishReason.EndToken));
        result.TokenIds.Should().EndWith(LetterTokenizer.End).And.HaveCount(6);
    }

    [Fact]
    public void The_beginning_token_ends_the_text_too() =>
        Model.Complete("abc", Script.Options("hi", LetterTokenizer.Bos)).FinishReason.Should().Be(FinishReason.EndToken);

    [Fact]
    public void End_tokens_can_be_ignored_or_chosen()
    {
        GenerationResult ignored = Model.Complete("abc", Script.Options("hi", LetterTokenizer.End) with { MaxTokens = 5, IgnoreEndTokens = true });
        (ignored.Text, ignored.FinishReason).Should().Be(("hizz", FinishReason.MaxTokens));
        GenerationResult chosen = Model.Complete("abc", Script.Options("hiking", LetterTokenizer.End) with { EndTokenIds = [LetterTokenizer.Letter('k')] });
        (chosen.Text, chosen.FinishReason).Should().Be(("hi", FinishReason.EndToken));
        Model.Complete("abc", Script.Options("hi", LetterTokenizer.End) with { MaxTokens = 4, EndTokenIds = [] }).FinishReason.Should().Be(FinishReason.MaxTokens);
    }

    [Fact]
    public void A_stop_string_over_several_tokens_leaves_no_trace()
    {
        GenerationResult result = Model.Complete("abc", Script.Options("go on stop here") with { StopStrings = ["stop", "nowhere"] });
        (result.Text, result.FinishReason, result.StopString).Should().Be(("go on ", FinishReason.StopString, "stop"));
    }

    [Fact]
    public async Task A_stop_string_is_never_half_emitted()
    {
        string seen = "";
        await foreach (GenerationUpdate update in Model.StreamAsync("abc", Script.Options("ststop") with { StopStrings = ["stop"] }))
        {
            seen += update.Text;
            "st".Should().StartWith(seen);
        }
        seen.Should().Be("st");
    }

    [Theory]
    [InlineData(FinishReason.MaxTokens)]
    [InlineData(FinishReason.EndToken)]
    public void What_only_looked_like_a_stop_string_comes_out_at_the_end(FinishReason reason)
    {
        GenerationOptions options = Script.Options("a sto", LetterTokenizer.End) with { StopStrings = ["stop"] };
        GenerationResult result = Model.Complete("abc", reason == FinishReason.MaxTokens ? options with { MaxTokens = 5 } : options);
        (result.Text, result.FinishReason, result.StopString).Should().Be(("a sto", reason, (string?)null));
    }

    [Fact]
    public async Task A_character_of_two_tokens_arrives_whole()
    {
        List<string> pieces = [];
        await foreach (GenerationUpdate update in Model.StreamAsync("abc", Script.Options("", 29, 30, 29, LetterTokenizer.End)))
            pieces.Add(update.Text);
        pieces.Should().Equal("", "é", "", "", "\uFFFD");
    }

    [Fact]
    public async Task Pieces_together_are_the_completed_text()
    {
        GenerationOptions options = new() { MaxTokens = 30, Temperature = 1, Seed = 4, IgnoreEndTokens = true };
        GenerationResult expected = Model.Complete("the prompt", options);
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in Model.StreamAsync("the prompt", options))
            updates.Add(update);
        string.Concat(updates.Select(u => u.Text)).Should().Be(expected.Text);
        updates.Where(u => u.TokenId is not null).Select(u => u.TokenId!.Value).Should().Equal(expected.TokenIds);
        updates[..^1].Should().OnlyContain(u => u.Result == null);
        updates[^1].Result!.Text.Should().Be(expected.Text);
    }

    [Fact]
    public void A_seed_repeats_a_text()
    {
        GenerationOptions options = new() { MaxTokens = 30, Temperature = 1.5, TopK = 40, TopP = 0.95, MinP = 0.01, RepetitionPenalty = 1.1, Seed = 4, IgnoreEndTokens = true };
        GenerationResult first = Model.Complete("abc", options);
        Model.Complete("abc", options).TokenIds.Should().Equal(first.TokenIds);
        Model.Complete("abc", options with { Seed = 5 }).TokenIds.Should().NotEqual(first.TokenIds);
    }

    [Fact]
    public void A_top_k_of_one_is_greedy_at_any_temperature()
    {
        GenerationOptions greedy = new() { MaxTokens = 20, IgnoreEndTokens = true };
        Model.Complete("abc", greedy with { Temperature = 3, TopK = 1 }).TokenIds.Should().Equal(Model.Complete("abc", greedy).TokenIds);
    }

    [Fact]
    public void Steps_of_one_s_own_see_the_whole_sequence_first()
    {
        List<int[]> seen = [];
        Model.Complete("ab", new GenerationOptions { MaxTokens = 2, LogitsProcessors = [() => new Forcing(9, seen)] }).TokenIds.Should().Equal(9, 9);
        seen[0].Should().Equal(0, 2, 3);
        seen[1].Should().Equal(0, 2, 3, 9);
    }

    [Fact]
    public void The_beginning_token_follows_model_and_option()
    {
        TransformerModel quiet = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer(addsBos: false)).Build();
        GenerationOptions none = new() { MaxTokens = 0 };
        Model.Complete("a", none).PromptTokenIds.Should().Equal(0, 2);
        Model.Complete("a", none with { AddBos = false }).PromptTokenIds.Should().Equal(2);
        quiet.Complete("a", none).PromptTokenIds.Should().Equal(2);
        quiet.Complete("a", none with { AddBos = true }).PromptTokenIds.Should().Equal(0, 2);
        Model.Complete("", none).PromptTokenIds.Should().Equal(0);
        ((Action)(() => quiet.Complete("", none))).Should().Throw<ArgumentException>().WithParameterName("prompt");
    }

    [Fact]
    public void Special_tokens_in_a_prompt_are_text_unless_asked_for()
    {
        GenerationOptions none = new() { MaxTokens = 0, AddBos = false };
        Model.Complete("<end>", none).PromptTokenIds.Should().HaveCount(5);
        Model.Complete("<end>", none with { ParseSpecialTokens = true }).PromptTokenIds.Should().Equal(LetterTokenizer.End);
    }

    private sealed class Forcing(int token, List<int[]> seen) : ILogitsProcessor
    {
        public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
        {
            seen.Add(tokenIds.ToArray());
            logits[token] = 1e6f;
        }
    }
}
