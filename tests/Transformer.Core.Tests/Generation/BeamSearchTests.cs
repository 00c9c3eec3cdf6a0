using Transformer.Core.Sampling;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Beam search on trees small enough to draw, and against all texts there are.</summary>
public class BeamSearchTests
{
    private const int Bos = LetterTokenizer.Bos, End = LetterTokenizer.End;
    private const int A = 2, B = 3, C = 4, D = 5, E = 6;

    // After the beginning a (0.6) or b (0.4). Greedy takes a, then c (0.35), which is 0.21 in all; b goes on to d for sure.
    private static readonly TransformerModel Garden = BigramModel.Build(
        (Bos, A, 0.6), (Bos, B, 0.4),
        (A, C, 0.35), (A, D, 0.33), (A, E, 0.32),
        (B, D, 1.0),
        (C, End, 1.0), (D, End, 1.0), (E, End, 1.0));

    [Fact]
    public void Two_beams_find_what_greedy_misses()
    {
        TextGenerator generator = new(Garden);
        generator.BeamSearch("", new BeamSearchOptions { Beams = 1 })[0].Text.Should().Be("ac");
        BeamHypothesis best = generator.BeamSearch("", new BeamSearchOptions { Beams = 2 })[0];
        best.TokenIds.Should().Equal(B, D, End);
        (best.Text, best.FinishReason).Should().Be(("bd", FinishReason.EndToken));
        best.Logprob.Should().BeApproximately(Math.Log(0.4), 1e-5);
        best.Score.Should().BeApproximately(Math.Log(0.4) / 3, 1e-5, "the end token counts");
    }

    [Fact]
    public void All_beams_come_out_in_order()
    {
        IReadOnlyList<BeamHypothesis> found = new TextGenerator(Garden).BeamSearch("", new BeamSearchOptions { Beams = 4, ResultCount = 4 });
        found.Select(h => h.Text).Should().Equal("bd", "ac", "ad", "ae");
        found.Select(h => Math.Round(Math.Exp(h.Logprob), 4)).Should().Equal(0.4, 0.21, 0.198, 0.192);
    }

    // "a" ends at once (0.5) or goes on to b and c, each almost certain.
    private static readonly TransformerModel Lengths = BigramModel.Build((Bos, A, 1.0), (A, End, 0.5), (A, B, 0.5), (B, C, 0.9), (B, End, 0.1), (C, End, 0.95), (C, D, 0.05), (D, End, 1.0));

    [Theory]
    [InlineData(0, "a")] // 0.5 against 0.5 x 0.9 x 0.95
    [InlineData(1, "abc")] // −0.347 against −0.212
    [InlineData(-1, "a")]
    public void The_length_penalty_weighs_length(double penalty, string text) =>
        new TextGenerator(Lengths).BeamSearch("", new BeamSearchOptions { Beams = 2, LengthPenalty = penalty, Stopping = BeamStopping.Never })[0].Text.Should().Be(text);

    [Fact]
    public void Stopping_early_takes_the_first_that_are_finished()
    {
        // With one beam: at the first end token among the best, although a longer text would score better.
        TextGenerator generator = new(BigramModel.Build((Bos, A, 1.0), (A, End, 0.51), (A, B, 0.49), (B, C, 1.0), (C, End, 1.0)));
        generator.BeamSearch("", new BeamSearchOptions { Beams = 1, Stopping = BeamStopping.Early })[0].Text.Should().Be("a");

        // Never: ln 0.49 over up to eight tokens may still become better than ln 0.51 over two.
        generator.BeamSearch("", new BeamSearchOptions { Beams = 1, MaxTokens = 8, Stopping = BeamStopping.Never })[0].Text.Should().Be("abc");
    }

    [Fact]
    public void An_open_text_ends_with_the_tokens_wanted()
    {
        BeamHypothesis cut = new TextGenerator(Garden).BeamSearch("", new BeamSearchOptions { Beams = 2, MaxTokens = 1 })[0];
        (cut.Text, cut.FinishReason).Should().Be(("a", FinishReason.MaxTokens));
        cut.Score.Should().BeApproximately(Math.Log(0.6), 1e-5);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void As_many_beams_as_tokens_find_the_best_of_all_texts_of_two_tokens(string family)
    {
        TransformerModel model = TinyModels.Builder(family).WithTokenizer(new LetterTokenizer()).Build();
        int[] prompt = [0, 7, 9];
        List<(int, int, double)> all = [];
        using DecoderSession session = model.CreateSession();
        double[] first = Logs(session.Forward(prompt));
        for (int a = 0; a < first.Length; a++)
        {
            session.Truncate(3);
            double[] second = Logs(session.Forward(a));
            all.AddRange(second.Select((log, b) => (a, b, first[a] + log)));
        }
        (int, int, double)[] best = [.. all.OrderByDescending(text => text.Item3).Take(5)];

        IReadOnlyList<BeamHypothesis> found = new TextGenerator(model).BeamSearch(prompt, new BeamSearchOptions { Beams = 50, ResultCount = 5, MaxTokens = 2, EndTokenIds = [] });
        found.Select(h => (h.TokenIds[0], h.TokenIds[1])).Should().Equal(best.Select(text => (text.Item1, text.Item2)));
        for (int i = 0; i < 5; i++)
            found[i].Logprob.Should().BeApproximately(best[i].Item3, 1e-3);
    }

    [Fact]
    public void One_beam_is_greedy()
    {
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build();
        model.Complete("abc", new GenerationOptions { MaxTokens = 20, IgnoreEndTokens = true }).TokenIds
            .Should().Equal(new TextGenerator(model).BeamSearch("abc", new BeamSearchOptions { Beams = 1, MaxTokens = 20, EndTokenIds = [] })[0].TokenIds);
    }

    [Fact]
    public void Steps_change_the_beams()
    {
        TransformerModel model = BigramModel.Build((Bos, A, 1.0), (A, A, 0.9), (A, B, 0.1), (B, A, 0.1), (B, End, 0.9));
        BeamSearchOptions options = new() { Beams = 2, MaxTokens = 5 };
        new TextGenerator(model).BeamSearch("", options)[0].Text.Should().Be("aaaaa");
        new TextGenerator(model).BeamSearch("", options with { LogitsProcessors = [() => new NoRepeatNgram(2)] })[0].Text.Should().Be("aab");
    }

    [Fact]
    public void A_full_context_ends_it()
    {
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).WithContextLength(6).Build();
        BeamHypothesis found = new TextGenerator(model).BeamSearch("abc", new BeamSearchOptions { EndTokenIds = [] })[0];
        (found.FinishReason, found.TokenIds.Count).Should().Be((FinishReason.ContextFull, 3));
    }

    [Fact]
    public void A_wrong_option_is_named()
    {
        TextGenerator generator = new(Garden);
        foreach ((BeamSearchOptions options, string name) in (ReadOnlySpan<(BeamSearchOptions, string)>)
        [
            (new() { Beams = 0 }, "Beams"), (new() { ResultCount = 5 }, "ResultCount"), (new() { ResultCount = 0 }, "ResultCount"), (new() { LengthPenalty = double.NaN }, "LengthPenalty"),
            (new() { MaxTokens = 0 }, "MaxTokens"), (new() { Stopping = (BeamStopping)9 }, "Stopping"),
        ])
            ((Action)(() => generator.BeamSearch("", options))).Should().Throw<ArgumentException>().WithParameterName(name).WithMessage($"{name}: expected*found*");
        ((Action)(() => generator.BeamSearch([]))).Should().Throw<ArgumentException>();
        ((Action)(() => generator.BeamSearch("a", cancellationToken: new CancellationToken(canceled: true)))).Should().Throw<OperationCanceledException>();
    }

    private static double[] Logs(ReadOnlySpan<float> logits)
    {
        double[] values = [.. logits.ToArray().Select(l => (double)l)];
        double total = Math.Log(values.Sum(Math.Exp));
        return [.. values.Select(l => l - total)];
    }
}
