using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>Going back, forking, saving and loading.</summary>
public class SessionCopyTests
{
    private static readonly int[] Prompt = Noise.Tokens(1, 100, TinyModels.Vocabulary);

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Truncated_and_continued_it_is_the_other_sequence(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        using DecoderSession session = model.CreateSession();
        session.Forward(Prompt);
        session.Truncate(30);
        session.Tokens.ToArray().Should().Equal(Prompt[..30]);
        float[] redone = session.Forward([9, 8, 7]).ToArray();

        using DecoderSession fresh = model.CreateSession();
        fresh.Forward(Prompt.AsSpan(0, 30));

        // How many rows share an expert decides how they are multiplied, so the last bits depend on the rows behind.
        Difference.Relative(redone, fresh.Forward([9, 8, 7])).Should().BeLessThanOrEqualTo(family == "deepseek" ? 1e-5 : 0);

        session.Truncate(0);
        using DecoderSession untouched = model.CreateSession();
        session.Forward(Prompt).ToArray().Should().Equal(untouched.Forward(Prompt).ToArray());
    }

    [Fact]
    public void Truncate_refuses_lengths_that_are_not_there()
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        session.Forward([1, 2]);
        ((Action)(() => session.Truncate(3))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => session.Truncate(-1))).Should().Throw<ArgumentOutOfRangeException>();
        session.Length.Should().Be(2);
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void A_fork_goes_its_own_way(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        using DecoderSession session = model.CreateSession();
        session.Forward(Prompt);
        DecoderSession fork = session.Fork();
        fork.Tokens.ToArray().Should().Equal(Prompt);
        fork.Logits.ToArray().Should().Equal(session.Logits.ToArray());

        float[] forked = fork.Forward([1, 2]).ToArray();
        float[] original = session.Forward([3, 4]).ToArray();
        forked.Should().Equal(Continued(1, 2));
        original.Should().Equal(Continued(3, 4));

        fork.Dispose();
        session.Forward(5).ToArray().Should().Equal(Continued(3, 4, 5));

        float[] Continued(params int[] more)
        {
            using DecoderSession fresh = model.CreateSession();
            fresh.Forward(Prompt);
            if (more.Length > 2)
            {
                fresh.Forward(more.AsSpan(0, 2));
                return fresh.Forward(more[2]).ToArray();
            }
            return fresh.Forward(more).ToArray();
        }
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void A_saved_session_goes_on_where_it_was(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        using DecoderSession session = model.CreateSession();
        session.Forward(Prompt);
        byte[] saved = Saved(session);

        using DecoderSession loaded = model.CreateSession(capacity: 120);
        loaded.Forward([1, 2, 3]);
        loaded.Load(new MemoryStream(saved));
        loaded.Tokens.ToArray().Should().Equal(Prompt);
        loaded.Logits.ToArray().Should().Equal(session.Logits.ToArray());
        loaded.Forward([4, 5]).ToArray().Should().Equal(session.Forward([4, 5]).ToArray());
    }

    [Fact]
    public void An_empty_session_can_be_saved()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        byte[] saved = Saved(session);
        using DecoderSession loaded = model.CreateSession();
        loaded.Forward([1, 2]);
        loaded.Load(new MemoryStream(saved));
        loaded.Length.Should().Be(0);
    }

    [Fact]
    public void Every_cut_stream_is_refused_and_leaves_an_empty_usable_session()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        float[] expected = session.Forward([1, 2, 3]).ToArray();
        byte[] saved = Saved(session);
        for (int length = 0; length < saved.Length; length += 1 + (length / 20))
            Refused(session, saved[..length], expected);
    }

    [Theory]
    [InlineData(0, 0x11111111)] // signature
    [InlineData(4, 99)] // layers
    [InlineData(8, 99)] // ids
    [InlineData(12, -1)] // tokens
    [InlineData(12, 1201)]
    [InlineData(12, 2)] // moves all that follows
    [InlineData(16, -5)] // a token
    [InlineData(20, TinyModels.Vocabulary)]
    [InlineData(28 + (4 * TinyModels.Vocabulary), 7)] // a state's signature
    [InlineData(32 + (4 * TinyModels.Vocabulary), 7)] // its width
    [InlineData(36 + (4 * TinyModels.Vocabulary), 2)] // its length
    [InlineData(36 + (4 * TinyModels.Vocabulary), int.MaxValue)]
    public void A_damaged_stream_is_refused_and_leaves_an_empty_usable_session(int offset, int value)
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        float[] expected = session.Forward([1, 2, 3]).ToArray();
        byte[] saved = Saved(session);
        BitConverter.TryWriteBytes(saved.AsSpan(offset), value).Should().BeTrue();
        Refused(session, saved, expected);
    }

    [Fact]
    public void Another_model_s_session_is_refused()
    {
        using DecoderSession other = TinyModels.Build("gpt2").CreateSession();
        other.Forward([1, 2, 3]);
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        float[] expected = session.Forward([1, 2, 3]).ToArray();
        Refused(session, Saved(other), expected);
    }

    [Fact]
    public void A_session_too_small_for_what_was_saved_refuses_it()
    {
        TransformerModel model = TinyModels.Build("llama");
        using DecoderSession session = model.CreateSession();
        session.Forward(Prompt);
        using DecoderSession small = model.CreateSession(capacity: 99);
        ((Action)(() => small.Load(new MemoryStream(Saved(session))))).Should().Throw<InvalidDataException>();
        small.Length.Should().Be(0);
    }

    private static byte[] Saved(DecoderSession session)
    {
        using MemoryStream stream = new();
        session.Save(stream);
        return stream.ToArray();
    }

    private static void Refused(DecoderSession session, byte[] bytes, float[] expected)
    {
        ((Action)(() => session.Load(new MemoryStream(bytes)))).Should().Throw<InvalidDataException>();
        session.Length.Should().Be(0);
        session.Forward([1, 2, 3]).ToArray().Should().Equal(expected);
    }
}
