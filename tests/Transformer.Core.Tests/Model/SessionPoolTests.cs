using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>Who gets which session, and what becomes of those that are one too many.</summary>
public class SessionPoolTests
{
    private readonly RowCounter _counter = new();
    private readonly TransformerModel _model;

    public SessionPoolTests() => _model = _counter.Builder("llama").Build();

    [Fact]
    public void The_conversation_with_the_longest_common_beginning_goes_on()
    {
        using SessionPool pool = new(_model);
        DecoderSession a = Used(pool, [1, 2, 3, 4]), b = Used(pool, [1, 2, 3, 5, 6]);
        pool.Return(a);
        pool.Return(b);
        pool.IdleCount.Should().Be(2);
        pool.Rent([1, 2, 3, 5, 6, 7]).Should().BeSameAs(b);
        pool.Rent([1, 2, 3, 5, 6, 7]).Should().BeSameAs(a, "three of its four tokens serve");
        pool.IdleCount.Should().Be(0);
        pool.Rent([1, 2, 3]).Length.Should().Be(0, "nothing is left");
    }

    [Fact]
    public void A_conversation_is_not_cut_for_one_that_shares_little_with_it()
    {
        using SessionPool pool = new(_model);
        DecoderSession used = Used(pool, [0, 1, 2, 3, 4, 5]);
        pool.Return(used);
        using DecoderSession other = pool.Rent([0, 1, 9, 9]);
        other.Length.Should().Be(0);
        pool.Rent([0, 1, 2, 3, 4, 5, 6]).Should().BeSameAs(used);
    }

    [Fact]
    public void A_long_beginning_that_conversations_share_is_copied()
    {
        using SessionPool pool = new(_model);
        int[] system = Noise.Tokens(1, 40, TinyModels.Vocabulary);
        DecoderSession first = Used(pool, [.. system, .. Noise.Tokens(2, 100, TinyModels.Vocabulary)]);
        float[] expected = _model.AllLogits([.. system, 7])[^TinyModels.Vocabulary..];
        pool.Return(first);
        _counter.Take();

        using DecoderSession second = pool.Rent([.. system, 7]);
        second.Should().NotBeSameAs(first);
        second.Tokens.ToArray().Should().Equal(system);
        second.Forward(7).ToArray().Should().Equal(expected, (a, b) => Math.Abs(a - b) < 1e-4f);
        _counter.Take().Should().Be(1);
        first.Length.Should().Be(140);
        pool.IdleCount.Should().Be(1);
    }

    [Fact]
    public void Those_not_used_for_longest_go_first()
    {
        using SessionPool pool = new(_model, maxSessions: 2);
        DecoderSession[] sessions = [.. Enumerable.Range(1, 3).Select(i => Used(pool, [i, i, i]))];
        foreach (DecoderSession session in sessions)
            pool.Return(session);
        pool.IdleCount.Should().Be(2);
        ((Action)(() => sessions[0].Forward(1))).Should().Throw<ObjectDisposedException>();
        DecoderSession second = pool.Rent([2, 2, 2]);
        second.Should().BeSameAs(sessions[1]);
        pool.Return(second);
        pool.Return(Used(pool, [4, 4, 4]));
        ((Action)(() => sessions[2].Forward(1))).Should().Throw<ObjectDisposedException>("session 2 was used since");
        sessions[1].Length.Should().Be(3);
    }

    [Fact]
    public void Bytes_are_bounded()
    {
        DecoderSession sample = _model.CreateSession();
        sample.Forward(new int[100]);
        long size = sample.SizeInBytes;
        sample.Dispose();
        using SessionPool pool = new(_model, maxSessions: 100, maxBytes: (2 * size) + (size / 2));
        DecoderSession[] sessions = [.. Enumerable.Range(0, 5).Select(i => Used(pool, Enumerable.Repeat(i, 100).ToArray()))];
        foreach (DecoderSession session in sessions)
            pool.Return(session);
        pool.IdleCount.Should().Be(2);
        pool.IdleBytes.Should().Be(2 * size);

        using SessionPool none = new(_model, maxBytes: 0);
        none.Return(Used(none, [1]));
        none.IdleCount.Should().Be(0);
        using SessionPool zero = new(_model, maxSessions: 0);
        zero.Return(Used(zero, [1]));
        zero.IdleCount.Should().Be(0);
    }

    [Fact]
    public void Sessions_have_the_capacity_asked_for()
    {
        using SessionPool pool = new(_model, capacity: 17);
        using DecoderSession session = pool.Rent([1]);
        session.Capacity.Should().Be(17);
    }

    [Fact]
    public void Disposed_it_takes_its_sessions_along()
    {
        SessionPool pool = new(_model);
        DecoderSession idle = Used(pool, [1, 2]), rented = Used(pool, [3, 4]);
        pool.Return(idle);
        pool.Dispose();
        ((Action)(() => idle.Forward(1))).Should().Throw<ObjectDisposedException>();
        rented.Forward(1);
        pool.Return(rented);
        ((Action)(() => rented.Forward(1))).Should().Throw<ObjectDisposedException>();
        ((Action)(() => pool.Rent([1]))).Should().Throw<ObjectDisposedException>();
        pool.Dispose();
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using SessionPool pool = new(_model);
        DecoderSession session = Used(pool, [1]);
        pool.Return(session);
        ((Action)(() => pool.Return(session))).Should().Throw<ArgumentException>().WithMessage("*already*");
        using DecoderSession foreign = TinyModels.Build("llama").CreateSession();
        ((Action)(() => pool.Return(foreign))).Should().Throw<ArgumentException>().WithMessage("*another model*");
        foreach (Action wrong in (Action[])[() => _ = new SessionPool(_model, -1), () => _ = new SessionPool(_model, 1, -1), () => _ = new SessionPool(_model, capacity: 0), () => _ = new SessionPool(_model, capacity: 1201)])
            wrong.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Conversations_on_many_threads_are_as_alone()
    {
        TextGenerator generator = new(_model);
        GenerationOptions options = new() { MaxTokens = 5, IgnoreEndTokens = true };
        using SessionPool pool = new(_model, maxSessions: 3);
        List<int>[] together = new List<int>[8];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() =>
        {
            List<int> conversation = [0, i, i + 1];
            for (int turn = 0; turn < 6; turn++)
            {
                DecoderSession session = pool.Rent([.. conversation]);
                conversation.AddRange(generator.Complete([.. conversation], options, session).TokenIds);
                pool.Return(session);
                conversation.Add(turn);
            }
            together[i] = conversation;
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        pool.IdleCount.Should().BeLessThanOrEqualTo(3);
        for (int i = 0; i < 8; i++)
        {
            List<int> alone = [0, i, i + 1];
            for (int turn = 0; turn < 6; turn++)
            {
                alone.AddRange(generator.Complete([.. alone], options).TokenIds);
                alone.Add(turn);
            }
            together[i].Should().Equal(alone);
        }
    }

    private static DecoderSession Used(SessionPool pool, int[] tokens)
    {
        DecoderSession session = pool.Model.CreateSession();
        session.Forward(tokens);
        return session;
    }
}
