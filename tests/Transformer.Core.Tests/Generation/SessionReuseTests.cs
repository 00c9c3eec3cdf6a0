using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Conversations in one session: only what is new is computed, and the text is that of a session of its own.</summary>
public class SessionReuseTests
{
    private static readonly GenerationOptions Greedy = new() { MaxTokens = 12, IgnoreEndTokens = true };

    private readonly RowCounter _counter = new();
    private readonly TextGenerator _generator;

    public SessionReuseTests() => _generator = new TextGenerator(_counter.Builder("llama").WithContextLength(4200).Build());

    [Fact]
    public void A_second_turn_computes_only_what_is_new()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        int[] first = Noise.Tokens(1, 2000, TinyModels.Vocabulary);
        GenerationResult one = _generator.Complete(first, Greedy, session);
        (one.CachedPromptTokens, _counter.Take()).Should().Be((0, 2000 + 11));
        session.Length.Should().Be(2011, "the last token was not computed: nobody asked for what follows it");

        int[] second = [.. first, .. one.TokenIds, 5, 6, 7];
        GenerationResult two = _generator.Complete(second, Greedy, session);
        (two.CachedPromptTokens, _counter.Take()).Should().Be((2011, 1 + 3 + 11));
        two.TokenIds.Should().Equal(_generator.Complete(second, Greedy).TokenIds);
    }

    [Fact]
    public async Task A_stream_reuses_too()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        int[] first = Noise.Tokens(1, 300, TinyModels.Vocabulary);
        GenerationResult one = await Last(_generator.StreamAsync(first, Greedy, session));
        _counter.Take();
        int[] second = [.. first, .. one.TokenIds, 5];
        GenerationResult two = await Last(_generator.StreamAsync(second, Greedy, session));
        (two.CachedPromptTokens, _counter.Take()).Should().Be((311, 1 + 1 + 11));
        two.TokenIds.Should().Equal(_generator.Complete(second, Greedy).TokenIds);
    }

    [Fact]
    public void Another_text_keeps_what_both_begin_with()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        GenerationResult one = _generator.Complete("hello there", Greedy, session);
        _counter.Take();
        GenerationResult two = _generator.Complete("hello world", Greedy, session);
        (two.CachedPromptTokens, _counter.Take()).Should().Be((7, 5 + 11));
        two.TokenIds.Should().Equal(_generator.Complete("hello world", Greedy).TokenIds);
        _generator.Complete("hello there", Greedy, session).TokenIds.Should().Equal(one.TokenIds);
    }

    [Fact]
    public void The_same_prompt_once_more_is_computed_from_its_last_token_or_not_at_all()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        GenerationResult one = _generator.Complete("hello", Greedy, session);
        _counter.Take();
        _generator.Complete("hello", Greedy, session).TokenIds.Should().Equal(one.TokenIds);
        _counter.Take().Should().Be(1 + 11, "the logits after the prompt are gone");

        session.KeepPrefix([0, 9, 6]);
        session.Forward([13, 13, 16]);
        _counter.Take();
        _generator.Complete("hello", Greedy, session).TokenIds.Should().Equal(one.TokenIds);
        _counter.Take().Should().Be(11, "the logits after the prompt are there");
    }

    [Fact]
    public void A_prompt_that_is_shorter_cuts_the_session()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        _generator.Complete("hello", Greedy, session);
        _generator.Complete("he", Greedy with { MaxTokens = 1 }, session).TokenIds.Should().Equal(_generator.Complete("he", Greedy with { MaxTokens = 1 }).TokenIds);
        session.Tokens.ToArray().Should().Equal(0, 9, 6);
    }

    [Fact]
    public void A_window_that_cannot_go_back_is_computed_from_the_beginning()
    {
        TextGenerator windowed = new(_counter.Builder("gemma").WithContextLength(600).Build());
        using DecoderSession session = windowed.Model.CreateSession();
        int[] tokens = Noise.Tokens(2, 400, TinyModels.Vocabulary);
        windowed.Complete(tokens, Greedy, session);
        _counter.Take();
        GenerationResult cut = windowed.Complete(tokens.AsSpan(0, 200), Greedy, session);
        (cut.CachedPromptTokens, _counter.Take()).Should().Be((0, 200 + 11));
        cut.TokenIds.Should().Equal(windowed.Complete(tokens.AsSpan(0, 200), Greedy).TokenIds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(16)]
    public void Cancelled_inside_a_long_prompt_it_stops_at_the_next_layer_and_the_session_is_usable(int passes)
    {
        using DecoderSession session = _generator.Model.CreateSession();
        int[] known = Noise.Tokens(4, 20, TinyModels.Vocabulary);
        session.Forward(known);
        int[] prompt = [.. known, .. Noise.Tokens(3, 4076, TinyModels.Vocabulary)];
        using CancellationTokenSource cancellation = new();
        int seen = 0;
        _counter.Take();
        _counter.OnPass = rows =>
        {
            rows.Should().BeLessThanOrEqualTo(256, "a piece bounds how long a cancelled call goes on: one layer of it");
            if (++seen == passes)
                cancellation.Cancel();
        };
        ((Action)(() => _generator.Complete(prompt, Greedy, session, cancellation.Token))).Should().Throw<OperationCanceledException>();
        seen.Should().Be(passes, "the next layer is not begun");
        _counter.OnPass = null;
        session.Tokens.ToArray().Should().Equal(known);

        int[] next = [.. known, 1, 2, 3];
        _counter.Take();
        _generator.Complete(next, Greedy, session).TokenIds.Should().Equal(_generator.Complete(next, Greedy).TokenIds);
        _counter.Take().Should().Be(3 + 11 + 23 + 11);
    }

    [Fact]
    public void A_saved_conversation_goes_on_where_it_was()
    {
        using MemoryStream file = new();
        int[] first = Noise.Tokens(1, 100, TinyModels.Vocabulary);
        GenerationResult one;
        using (DecoderSession session = _generator.Model.CreateSession())
        {
            one = _generator.Complete(first, Greedy, session);
            session.Save(file);
        }
        file.Position = 0;
        using DecoderSession loaded = _generator.Model.CreateSession();
        loaded.Load(file);
        _counter.Take();
        int[] second = [.. first, .. one.TokenIds, 9];
        GenerationResult two = _generator.Complete(second, Greedy, loaded);
        _counter.Take().Should().Be(2 + 11);
        two.TokenIds.Should().Equal(_generator.Complete(second, Greedy).TokenIds);
    }

    [Theory]
    [InlineData("article")]
    [InlineData("gpt2")]
    [InlineData("deepseek")]
    public void A_conversation_of_another_model_is_refused(string family)
    {
        using MemoryStream file = new();
        using DecoderSession session = _generator.Model.CreateSession();
        session.Forward([1, 2, 3]);
        session.Save(file);
        file.Position = 0;
        using DecoderSession other = TinyModels.Build(family).CreateSession();
        ((Action)(() => other.Load(file))).Should().Throw<InvalidDataException>().WithMessage("Expected*found*");
        other.Length.Should().Be(0);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_anything_is_computed()
    {
        using DecoderSession small = _generator.Model.CreateSession(5);
        using DecoderSession foreign = TinyModels.Build("llama").CreateSession();
        ContextLengthExceededException full = ((Action)(() => _generator.Complete("abcdef", Greedy, small))).Should().Throw<ContextLengthExceededException>().Which;
        (full.Capacity, full.Requested).Should().Be((5, 7));
        ((Action)(() => _generator.Complete("a", Greedy, foreign))).Should().Throw<ArgumentException>().WithParameterName("session");
        ((Action)(() => _generator.Complete([1, 50], Greedy, small))).Should().Throw<TokenOutOfRangeException>().Which.Index.Should().Be(1);
        ((Action)(() => _generator.Complete([], Greedy, small))).Should().Throw<ArgumentException>().WithMessage("*no tokens*");
        ((Action)(() => _generator.StreamAsync("abcdef", Greedy, small))).Should().Throw<ContextLengthExceededException>("at the call, not at the first piece");
        _counter.Take().Should().Be(0);
    }

    [Fact]
    public void A_session_in_use_is_refused()
    {
        using DecoderSession session = _generator.Model.CreateSession();
        Type? inside = null;
        _counter.OnPass = _ =>
        {
            _counter.OnPass = null;
            inside = ((Action)(() => _generator.Complete("b", Greedy, session))).Should().Throw<Exception>().Which.GetType();
        };
        _generator.Complete("a", Greedy, session);
        inside.Should().Be<InvalidOperationException>();
    }

    [Fact]
    public void Sixteen_threads_with_a_session_each_write_what_each_writes_alone()
    {
        string[] prompts = [.. Enumerable.Range(0, 16).Select(i => new string((char)('a' + i), i + 1))];
        GenerationOptions options = Greedy with { MaxTokens = 40 };
        IReadOnlyList<int>[] alone = [.. prompts.Select(prompt => _generator.Complete(prompt, options).TokenIds)];
        IReadOnlyList<int>[] together = new IReadOnlyList<int>[16];
        Thread[] threads = [.. prompts.Select((prompt, i) => new Thread(() =>
        {
            using DecoderSession session = _generator.Model.CreateSession();
            together[i] = _generator.Complete(prompt, options, session).TokenIds;
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        for (int i = 0; i < 16; i++)
            together[i].Should().Equal(alone[i]);
    }

    private static async Task<GenerationResult> Last(IAsyncEnumerable<GenerationUpdate> updates)
    {
        GenerationResult? result = null;
        await foreach (GenerationUpdate update in updates)
            result = update.Result;
        return result!;
    }
}
