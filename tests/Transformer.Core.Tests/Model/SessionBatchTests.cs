using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>Several sequences in one pass: each gets what it would have got alone.</summary>
public class SessionBatchTests
{
    private static readonly int[] Lengths = [17, 1, 64, 5];

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Members_of_different_lengths_get_their_own_logits(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        float[][] batched = Run(model);
        for (int i = 0; i < Lengths.Length; i++)
        {
            using DecoderSession alone = model.CreateSession();
            alone.Forward(Prompt(i));
            for (int step = 0; step < 3; step++)
                alone.Forward(Next(i, step));
            Difference.Relative(batched[i], alone.Logits).Should().BeLessThan(1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Runs_and_threads_do_not_change_a_bit(string family)
    {
        float[][] first = Run(TinyModels.Build(family));
        Run(TinyModels.Build(family)).Should().BeEquivalentTo(first, options => options.WithStrictOrdering());
        Run(TinyModels.Build(family, threads: 1)).Should().BeEquivalentTo(first, options => options.WithStrictOrdering());
    }

    [Fact]
    public void A_cancelled_pass_leaves_every_member_as_it_was()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession a = model.CreateSession();
        using DecoderSession b = model.CreateSession();
        a.Forward([1, 2]);
        float[] before = a.Logits.ToArray();
        using SessionBatch batch = new(model);
        using CancellationTokenSource cancellation = new();
        batch.Add(a, [3]);
        batch.Add(b, [4, 5]);
        batch.Observer = new Changer(1, ActivationPoints.AttentionNorm, _ => cancellation.Cancel());
        ((Action)(() => batch.Forward(cancellation.Token))).Should().Throw<OperationCanceledException>();
        (a.Length, b.Length).Should().Be((2, 0));
        a.Logits.ToArray().Should().Equal(before);

        batch.Observer = null;
        batch.Add(a, [3]);
        batch.Forward();
        using DecoderSession alone = model.CreateSession();
        alone.Forward([1, 2]);
        Difference.Relative(a.Logits, alone.Forward(3)).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void A_member_that_moved_since_it_was_added_is_told()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        session.Forward([1, 2]);
        using SessionBatch batch = new(model);
        batch.Add(session, [3, 4]);
        session.Forward(5);
        ((Action)(() => batch.Forward())).Should().Throw<InvalidOperationException>();
        session.Tokens.ToArray().Should().Equal(1, 2, 5);
        session.Forward(6).Length.Should().Be(TinyModels.Vocabulary);
    }

    [Fact]
    public void Adding_leaves_the_session_alone_until_the_pass()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        using SessionBatch batch = new(model);
        batch.Add(session, [3, 4]);
        session.Forward([1, 2]);
        session.Truncate(0);
        batch.Forward();
        session.Tokens.ToArray().Should().Equal([3, 4], "not what stood there in between");
    }

    [Fact]
    public void Impossible_members_are_refused()
    {
        TransformerModel model = TinyModels.Build("llama");
        using SessionBatch batch = new(model);
        using DecoderSession session = model.CreateSession(capacity: 3);
        using DecoderSession foreign = TinyModels.Build("llama").CreateSession();
        ((Action)(() => batch.Add(foreign, [1]))).Should().Throw<ArgumentException>();
        ((Action)(() => batch.Add(session, [99]))).Should().Throw<TokenOutOfRangeException>();
        ((Action)(() => batch.Add(session, [1, 2, 3, 4]))).Should().Throw<ContextLengthExceededException>();
        ((Action)(() => batch.Add(session, []))).Should().Throw<ArgumentException>();
        batch.Add(session, [1, 2]);
        ((Action)(() => batch.Add(session, [3]))).Should().Throw<ArgumentException>();
        batch.Forward();
        session.Tokens.ToArray().Should().Equal(1, 2);
        batch.Forward();
        session.Length.Should().Be(2, "an empty pass does nothing");
    }

    private static int[] Prompt(int member) => Noise.Tokens(member, Lengths[member], TinyModels.Vocabulary);

    private static int Next(int member, int step) => ((member * 7) + step) % TinyModels.Vocabulary;

    private static float[][] Run(TransformerModel model)
    {
        DecoderSession[] sessions = [.. Lengths.Select(_ => model.CreateSession())];
        using SessionBatch batch = new(model);
        for (int i = 0; i < sessions.Length; i++)
            batch.Add(sessions[i], Prompt(i));
        batch.Forward();
        for (int step = 0; step < 3; step++)
        {
            for (int i = 0; i < sessions.Length; i++)
                batch.Add(sessions[i], [Next(i, step)]);
            batch.Forward();
        }
        float[][] logits = [.. sessions.Select(session => session.Logits.ToArray())];
        foreach (DecoderSession session in sessions)
            session.Dispose();
        return logits;
    }
}
