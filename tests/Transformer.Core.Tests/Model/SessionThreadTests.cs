using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>One model under many threads, and one session under two.</summary>
public class SessionThreadTests
{
    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Sessions_on_eight_threads_are_as_alone(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        float[][] alone = [.. Enumerable.Range(0, 8).Select(seed => Decode(model, seed))];
        float[][] together = new float[8][];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(i => new Thread(() => together[i] = Decode(model, i)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        for (int i = 0; i < 8; i++)
            together[i].Should().Equal(alone[i]);
    }

    [Fact]
    public void A_session_serves_one_thread_at_a_time_and_is_never_corrupted()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        int added = 0;
        Exception? unexpected = null;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(seed => new Thread(() =>
        {
            foreach (int token in Noise.Tokens(seed, 200, TinyModels.Vocabulary))
            {
                try
                {
                    session.Forward(token);
                    Interlocked.Increment(ref added);
                }
                catch (InvalidOperationException)
                {
                    // the other thread was faster
                }
                catch (Exception exception)
                {
                    unexpected = exception;
                }
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        unexpected.Should().BeNull();
        session.Length.Should().Be(added);
        using DecoderSession fresh = model.CreateSession();
        foreach (int token in session.Tokens)
            fresh.Forward(token);
        session.Logits.ToArray().Should().Equal(fresh.Logits.ToArray());
    }

    [Fact]
    public void A_call_inside_a_call_is_refused()
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        List<Type> thrown = [];
        session.Observer = new Changer(1, ActivationPoints.AttentionNorm, _ =>
        {
            foreach (Action call in (Action[])[() => session.Forward(1), () => session.Truncate(0), () => session.Fork(), () => session.Save(new MemoryStream())])
                thrown.Add(call.Should().Throw<Exception>().Which.GetType());
        });
        session.Forward([1, 2]);
        thrown.Should().Equal(Enumerable.Repeat(typeof(InvalidOperationException), 4));
        session.Length.Should().Be(2);
    }

    [Fact]
    public void Disposed_during_a_call_it_keeps_its_memory_until_the_call_is_over()
    {
        TransformerModel model = TinyModels.Build("llama");
        float[] expected = Forward(null);
        DecoderSession? used = null;
        Forward(new Changer(1, ActivationPoints.AttentionNorm, _ => used!.Dispose())).Should().Equal(expected);
        ((Action)(() => used!.Forward(1))).Should().Throw<ObjectDisposedException>();

        float[] Forward(IActivationObserver? observer)
        {
            used = model.CreateSession();
            used.Observer = observer;
            return used.Forward([1, 2, 3]).ToArray();
        }
    }

    private static float[] Decode(TransformerModel model, int seed)
    {
        using DecoderSession session = model.CreateSession();
        session.Forward(Noise.Tokens(seed, 20 + seed, TinyModels.Vocabulary));
        foreach (int token in Noise.Tokens(seed + 100, 30, TinyModels.Vocabulary))
            session.Forward(token);
        return session.Logits.ToArray();
    }
}
