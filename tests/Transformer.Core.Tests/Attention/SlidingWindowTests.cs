using Transformer.Core.Attention;
using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Attention;

/// <summary>A cache that keeps a window gives what a whole cache behind the same mask gives, in little memory.</summary>
public class SlidingWindowTests
{
    private const int Window = 70;

    private static readonly int[] Tokens = Noise.Tokens(4, 1150, TinyModels.Vocabulary);

    // The mask hides with minus infinity what lies outside the window, but the cache keeps all of it.
    private static readonly float[] Expected = Masked().AllLogits(Tokens);

    [Theory]
    [InlineData(1150)] // three passes, each longer than the window
    [InlineData(512)]
    [InlineData(100)]
    [InlineData(64)]
    [InlineData(17)]
    [InlineData(5)]
    public void Chunks_of_a_prompt_agree_with_a_whole_cache(int chunk)
    {
        using DecoderSession session = Windowed().CreateSession();
        for (int start = 0; start < Tokens.Length; start += chunk)
        {
            int end = Math.Min(start + chunk, Tokens.Length);
            Same(session.Forward(Tokens.AsSpan(start..end)), end);
        }
    }

    [Fact]
    public void Token_by_token_agrees()
    {
        using DecoderSession session = Windowed().CreateSession();
        for (int i = 0; i < 600; i++)
            Same(session.Forward(Tokens[i]), i + 1);
    }

    [Theory]
    [InlineData(1, 3)] // 70 tokens lie in at most three pages of 64
    [InlineData(512, 10)]
    public void Memory_stays_that_of_a_window_and_a_chunk(int chunk, int pages)
    {
        using KvCache page = new(64, 2, 6), cache = new(3000, 2, 6, window: Window);
        page.Append(new MatrixSpan(new float[12], 1, 12), new MatrixSpan(new float[12], 1, 12));
        float[] rows = new float[chunk * 12];
        while (cache.Length + chunk <= 3000)
        {
            cache.Settle(cache.Length);
            cache.Append(new MatrixSpan(rows, chunk, 12), new MatrixSpan(rows, chunk, 12));
        }
        cache.SizeInBytes.Should().BeLessThanOrEqualTo(pages * page.SizeInBytes);
        IAttentionBlock block = Windowed().Layers[0].Attention;
        block.StateBytes(3000).Should().Be(11 * page.SizeInBytes, "581 tokens, wherever they begin, lie in at most eleven pages");
        block.StateBytes(100).Should().Be(2 * page.SizeInBytes);
        new MultiHeadAttention(Bench.Context(new NoiseWeights(1), 24, 4, 2, 6)).StateBytes(3000).Should().Be(47 * page.SizeInBytes);
    }

    [Fact]
    public void Truncated_and_redone_it_agrees()
    {
        using DecoderSession session = Windowed().CreateSession();
        session.Forward(Tokens.AsSpan(0, 300));
        session.Forward(Tokens[300]);
        session.Truncate(300);
        Same(session.Forward(Tokens[300]), 301);
        session.Truncate(0);
        Same(session.Forward(Tokens.AsSpan(0, 40)), 40);
        session.Forward(Tokens.AsSpan(40, 20));
        session.Truncate(10);
        Same(session.Forward(Tokens.AsSpan(10, 90)), 100);
    }

    [Fact]
    public void Further_back_than_is_kept_is_refused_and_changes_nothing()
    {
        // The layer without a window comes first and could go back: it must not.
        TransformerModel model = TinyModels.Builder("llama").WithLayer(2, layer => layer.WithAttention(c => new MultiHeadAttention(c, window: Window))).Build();
        using DecoderSession session = model.CreateSession();
        session.Forward(Tokens.AsSpan(0, 500));
        session.Forward(Tokens.AsSpan(500, 20));
        float[] logits = session.Logits.ToArray();
        ((Action)(() => session.Truncate(100))).Should().Throw<NotSupportedException>().WithMessage("*window of 70*keeps tokens 384 to 519*from 31 on*");
        session.Length.Should().Be(520);
        using DecoderSession fresh = model.CreateSession();
        fresh.Forward(Tokens.AsSpan(0, 500));
        fresh.Forward(Tokens.AsSpan(500, 20)).ToArray().Should().Equal(logits);
        session.Forward(Tokens[520]).ToArray().Should().Equal(fresh.Forward(Tokens[520]).ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Cancelled_in_any_pass_of_a_long_prompt_the_session_is_as_before(int pass)
    {
        TransformerModel model = Windowed();
        using DecoderSession session = model.CreateSession();
        session.Forward(Tokens.AsSpan(0, 30));
        session.Forward(Tokens.AsSpan(30, 20));
        using CancellationTokenSource cancellation = new();
        int passes = 0;
        session.Observer = new Changer(1, ActivationPoints.AttentionNorm, _ =>
        {
            if (++passes == pass)
                cancellation.Cancel();
        });
        ((Action)(() => session.Forward(Tokens.AsSpan(50, 1100), cancellation.Token))).Should().Throw<OperationCanceledException>();
        session.Observer = null;
        session.Length.Should().Be(50);
        Same(session.Forward(Tokens.AsSpan(50, 1100)), 1150);
    }

    [Fact]
    public void Forks_and_saved_sessions_go_on()
    {
        TransformerModel model = Windowed();
        using DecoderSession session = model.CreateSession();
        session.Forward(Tokens.AsSpan(0, 700));
        using DecoderSession fork = session.Fork();
        using MemoryStream stream = new();
        session.Save(stream);
        session.Forward(Tokens.AsSpan(3, 300));
        Same(fork.Forward(Tokens.AsSpan(700, 30)), 730);

        using DecoderSession loaded = model.CreateSession();
        loaded.Forward(Tokens.AsSpan(7, 90));
        stream.Position = 0;
        loaded.Load(stream);
        Same(loaded.Forward(Tokens.AsSpan(700, 30)), 730);
    }

    [Fact]
    public void Members_of_a_batch_get_their_own()
    {
        TransformerModel model = Windowed();
        using SessionBatch batch = new(model);
        DecoderSession[] sessions = [model.CreateSession(), model.CreateSession(), model.CreateSession()];
        int[] chunks = [1, 150, 33];
        for (int step = 0; step < 5; step++)
        {
            for (int i = 0; i < sessions.Length; i++)
                batch.Add(sessions[i], Tokens.AsSpan(sessions[i].Length, chunks[i]));
            batch.Forward();
            foreach (DecoderSession session in sessions)
                Same(session.Logits, session.Length);
        }
        foreach (DecoderSession session in sessions)
            session.Dispose();
    }

    private static TransformerModel Windowed() => TinyModels.Builder("llama").WithAttention(c => new MultiHeadAttention(c, window: Window)).Build();

    private static TransformerModel Masked() => TinyModels.Builder("llama")
        .WithPositions(c => new WindowMask(new Core.Positions.RotaryPositions(c.HeadDim)))
        .Build();

    private static void Same(ReadOnlySpan<float> logits, int length) =>
        Difference.Relative(logits, Expected.AsSpan((length - 1) * TinyModels.Vocabulary, TinyModels.Vocabulary)).Should().BeLessThan(1e-4, "after {0} tokens", length);

    private sealed class WindowMask(IPositionalEncoder inner) : IPositionalEncoder
    {
        public void Rotate(ReadOnlySpan<int> positions, MatrixSpan vectors, int headDim) => inner.Rotate(positions, vectors, headDim);

        public void BiasScores(int head, int queryPosition, int firstKey, Span<float> scores)
        {
            for (int i = 0; i < scores.Length; i++)
                if (firstKey + i <= queryPosition - Window)
                    scores[i] = float.NegativeInfinity;
        }
    }
}
