using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>However a sequence is fed, its logits are the same.</summary>
public class DecoderSessionTests
{
    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Token_by_token_is_one_prefill(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        int[] tokens = Noise.Tokens(1, 40, TinyModels.Vocabulary);
        float[] all = model.AllLogits(tokens);
        using DecoderSession session = model.CreateSession();
        for (int i = 0; i < tokens.Length; i++)
            Difference.Relative(session.Forward(tokens[i]), Row(all, i)).Should().BeLessThan(1e-5);
        session.Tokens.ToArray().Should().Equal(tokens);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Pieces_of_a_prompt_longer_than_one_pass_add_up(string family)
    {
        // A pass takes at most 512 rows, so this prompt needs three.
        TransformerModel model = TinyModels.Build(family);
        int[] tokens = Noise.Tokens(2, 1100, TinyModels.Vocabulary);
        float[] all = model.AllLogits(tokens);

        using DecoderSession whole = model.CreateSession();
        Difference.Relative(whole.Forward(tokens), Row(all, 1099)).Should().BeLessThan(1e-5);

        using DecoderSession pieces = model.CreateSession();
        foreach (int end in (int[])[1, 300, 301, 512, 513, 1100])
            Difference.Relative(pieces.Forward(tokens.AsSpan(pieces.Length..end)), Row(all, end - 1)).Should().BeLessThan(1e-5);

        using DecoderSession decoded = model.CreateSession();
        for (int i = 0; i < 600; i++)
            decoded.Forward(tokens[i]);
        Difference.Relative(decoded.Logits, Row(all, 599)).Should().BeLessThan(1e-5);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Threads_do_not_change_a_bit(string family)
    {
        int[] tokens = Noise.Tokens(3, 100, TinyModels.Vocabulary);
        float[] one = TinyModels.Build(family, threads: 1).AllLogits(tokens);
        TinyModels.Build(family, threads: 2).AllLogits(tokens).Should().Equal(one);
        TinyModels.Build(family, threads: 5).AllLogits(tokens).Should().Equal(one);
    }

    [Fact]
    public void Logits_of_all_rows_end_with_the_last_ones()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        float[] all = new float[3 * TinyModels.Vocabulary];
        session.ForwardAll([1, 2, 3], new MatrixSpan(all, 3, TinyModels.Vocabulary));
        session.Logits.ToArray().Should().Equal(all[(2 * TinyModels.Vocabulary)..]);
        ((Action)(() => session.ForwardAll([1], new MatrixSpan(all, 3, TinyModels.Vocabulary)))).Should().Throw<ArgumentException>();
        session.Length.Should().Be(3);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(TinyModels.Vocabulary)]
    [InlineData(int.MinValue)]
    public void A_token_out_of_range_is_named_and_leaves_the_session_as_it_was(int token)
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        float[] before = session.Forward([1, 2]).ToArray();
        TokenOutOfRangeException thrown = ((Action)(() => session.Forward([3, 4, token]))).Should().Throw<TokenOutOfRangeException>().Which;
        (thrown.TokenId, thrown.Index, thrown.VocabSize).Should().Be((token, 2, TinyModels.Vocabulary));
        Untouched(session, [1, 2], before);
    }

    [Fact]
    public void A_full_context_is_told_and_leaves_the_session_as_it_was()
    {
        using DecoderSession session = TinyModels.Build("gpt2").CreateSession(capacity: 4);
        float[] before = session.Forward([1, 2, 3]).ToArray();
        ContextLengthExceededException thrown = ((Action)(() => session.Forward([4, 5]))).Should().Throw<ContextLengthExceededException>().Which;
        (thrown.Capacity, thrown.Requested).Should().Be((4, 5));
        Untouched(session, [1, 2, 3], before);
        ((Action)(() => session.Forward(5))).Should().Throw<ContextLengthExceededException>("one more token was the last that fitted");
    }

    [Fact]
    public void No_tokens_are_refused() =>
        ((Action)(() => TinyModels.Build("llama").CreateSession().Forward([]))).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData(0)]
    [InlineData(1201)]
    public void A_capacity_is_1_to_the_context_length(int capacity) =>
        ((Action)(() => TinyModels.Build("llama").CreateSession(capacity))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("capacity");

    [Fact]
    public void A_disposed_session_says_so()
    {
        DecoderSession session = TinyModels.Build("llama").CreateSession();
        session.Forward(1);
        session.Dispose();
        session.Dispose();
        ((Action)(() => session.Forward(1))).Should().Throw<ObjectDisposedException>();
        ((Action)(() => session.Fork())).Should().Throw<ObjectDisposedException>();
        ((Action)(() => session.Save(new MemoryStream()))).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Cancelled_before_it_begins_nothing_happens()
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        float[] before = session.Forward([1, 2]).ToArray();
        ((Action)(() => session.Forward([3, 4], new CancellationToken(canceled: true)))).Should().Throw<OperationCanceledException>();
        Untouched(session, [1, 2], before);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(600)] // the second of two passes is cancelled: the first must be taken back
    public void Cancelled_inside_a_prefill_the_session_is_as_before(int count)
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        float[] before = session.Forward([1, 2]).ToArray();
        using CancellationTokenSource cancellation = new();
        int passes = 0;
        session.Observer = new Changer(1, ActivationPoints.AttentionNorm, _ =>
        {
            if (++passes == (count > 512 ? 2 : 1))
                cancellation.Cancel();
        });
        ((Action)(() => session.Forward(Noise.Tokens(1, count, TinyModels.Vocabulary), cancellation.Token))).Should().Throw<OperationCanceledException>();
        session.Observer = null;
        Untouched(session, [1, 2], before);
    }

    [Fact]
    public void An_observer_that_throws_leaves_the_session_as_it_was()
    {
        using DecoderSession session = TinyModels.Build("article").CreateSession();
        float[] before = session.Forward([1, 2]).ToArray();
        session.Observer = new Changer(2, ActivationPoints.FeedForwardOut, _ => throw new InvalidTimeZoneException());
        ((Action)(() => session.Forward([3]))).Should().Throw<InvalidTimeZoneException>();
        session.Observer = null;
        Untouched(session, [1, 2], before);
    }

    /// <summary>It holds the same, and goes on as a session that never heard of the failed call.</summary>
    private static void Untouched(DecoderSession session, int[] tokens, float[] logits)
    {
        session.Length.Should().Be(tokens.Length);
        session.Tokens.ToArray().Should().Equal(tokens);
        session.Logits.ToArray().Should().Equal(logits);
        using DecoderSession other = session.Model.CreateSession();
        other.Forward(tokens);
        session.Forward(7).ToArray().Should().Equal(other.Forward(7).ToArray());
    }

    private static ReadOnlySpan<float> Row(float[] logits, int row) => logits.AsSpan(row * TinyModels.Vocabulary, TinyModels.Vocabulary);
}
