using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Probabilities of tokens, generated and given.</summary>
public class LogprobsTests
{
    private static readonly TransformerModel Model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build();

    [Fact]
    public void All_alternatives_together_have_the_probability_1()
    {
        GenerationResult result = Model.Complete("abc", new GenerationOptions { MaxTokens = 8, IgnoreEndTokens = true, TopLogprobs = TinyModels.Vocabulary });
        result.Logprobs.Should().HaveCount(8);
        foreach ((TokenLogprobs token, int id) in result.Logprobs.Zip(result.TokenIds))
        {
            token.TokenId.Should().Be(id);
            token.TopLogprobs.Sum(top => Math.Exp(top.Logprob)).Should().BeApproximately(1, 1e-6);
            token.TopLogprobs.Select(top => top.TokenId).Should().OnlyHaveUniqueItems();
            token.TopLogprobs.Select(top => top.Logprob).Should().BeInDescendingOrder();
            token.TopLogprobs[0].Should().Be(new TokenLogprob(id, token.Logprob), "greedy takes the most probable");
        }
    }

    [Fact]
    public void They_are_those_of_the_raw_logits_whatever_the_steps_do()
    {
        GenerationOptions options = new()
        {
            MaxTokens = 10,
            IgnoreEndTokens = true,
            Temperature = 2,
            TopK = 20,
            RepetitionPenalty = 1.5,
            LogitBias = new Dictionary<int, double> { [4] = -3 },
            Seed = 3,
            TopLogprobs = 3,
        };
        GenerationResult result = Model.Complete("abc", options);
        using DecoderSession session = Model.CreateSession();
        session.Forward([.. result.PromptTokenIds]);
        foreach (TokenLogprobs token in result.Logprobs)
        {
            double[] logits = [.. session.Logits.ToArray().Select(l => (double)l)];
            double total = Math.Log(logits.Sum(Math.Exp));
            token.Logprob.Should().BeApproximately(logits[token.TokenId] - total, 1e-5);
            int[] best = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(3)];
            token.TopLogprobs.Select(top => top.TokenId).Should().Equal(best);
            token.TopLogprobs.Select(top => top.Logprob).Should().Equal(best.Select(i => logits[i] - total), (a, b) => Math.Abs(a - b) < 1e-5);
            session.Forward(token.TokenId);
        }
    }

    [Fact]
    public async Task A_stream_gives_them_with_each_token()
    {
        GenerationOptions options = new() { MaxTokens = 6, IgnoreEndTokens = true, Logprobs = true };
        List<GenerationUpdate> updates = [];
        await foreach (GenerationUpdate update in Model.StreamAsync("abc", options))
            updates.Add(update);
        updates[..^1].Select(u => u.Logprobs!.TokenId).Should().Equal(updates[..^1].Select(u => u.TokenId!.Value));
        updates[^1].Logprobs.Should().BeNull();
        updates[^1].Result!.Logprobs.Should().Equal(updates[..^1].Select(u => u.Logprobs!));
        updates[^1].Result!.Logprobs.Should().OnlyContain(token => token.TopLogprobs.Count == 0 && token.Logprob < 0);
        await foreach (GenerationUpdate update in Model.StreamAsync("abc", options with { Logprobs = false }))
        {
            update.Logprobs.Should().BeNull();
            update.Result?.Logprobs.Should().BeEmpty();
        }
    }

    [Fact]
    public void A_text_is_scored_token_by_token()
    {
        TextGenerator generator = new(Model);
        int[] tokens = Noise.Tokens(3, 150, TinyModels.Vocabulary);
        IReadOnlyList<TokenLogprobs> scores = generator.Score(tokens, topLogprobs: 2);
        scores.Select(score => score.TokenId).Should().Equal(tokens[1..]);
        using DecoderSession session = Model.CreateSession();
        for (int i = 0; i < scores.Count; i++)
        {
            double[] logits = [.. session.Forward(tokens[i]).ToArray().Select(l => (double)l)];
            scores[i].Logprob.Should().BeApproximately(logits[tokens[i + 1]] - Math.Log(logits.Sum(Math.Exp)), 1e-3);
            scores[i].TopLogprobs.Should().HaveCount(2);
        }
        generator.Score("abc").Select(score => score.TokenId).Should().Equal(2, 3, 4);
        generator.Score("").Should().BeEmpty("nothing comes before the beginning token");
    }

    [DataFact]
    public void Scores_add_up_to_the_perplexity_that_llama_cpp_has_too()
    {
        // perplexity_doc.jsonl holds OfDocuments against llama.cpp; both go the same way through the text.
        TransformerModel stories = ModelLoader.Open(TestData.Path("models", "stories260K.gguf")).Build();
        const string text = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.";
        PerplexityResult expected = Perplexity.OfDocuments(stories, text, 512);
        IReadOnlyList<TokenLogprobs> scores = new TextGenerator(stories).Score(text);
        scores.Count.Should().Be(expected.TokenCount);
        (-scores.Sum(score => score.Logprob)).Should().BeApproximately(expected.NegativeLogLikelihood, 1e-3);
    }

    [Fact]
    public void More_than_there_are_is_refused()
    {
        ((Action)(() => Model.Complete("a", new GenerationOptions { TopLogprobs = 51 }))).Should().Throw<ArgumentException>().WithParameterName("TopLogprobs").WithMessage("*0 to 50*found 51*");
        TextGenerator generator = new(Model);
        ((Action)(() => generator.Score("a", 51))).Should().Throw<ArgumentException>().WithParameterName("topLogprobs");
        ((Action)(() => generator.Score("a", -1))).Should().Throw<ArgumentException>();
        ((Action)(() => generator.Score([]))).Should().Throw<ArgumentException>().WithMessage("*no tokens*");
        ((Action)(() => generator.Score([1, 99]))).Should().Throw<TokenOutOfRangeException>();
        ((Action)(() => generator.Score(new int[1201]))).Should().Throw<ContextLengthExceededException>();
    }
}
