using Transformer.Core.Experiments;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Experiments;

/// <summary>Keeping chosen activations.</summary>
public class CaptureTests
{
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9];

    [Theory]
    [InlineData("layers.*.attention.pattern", "layers.0.attention.pattern", "layers.1.attention.pattern", "layers.2.attention.pattern")]
    [InlineData("layers.1.attention.q*", "layers.1.attention.q", "layers.1.attention.q.rotated")]
    [InlineData("layers.2.*.norm", "layers.2.attention.norm", "layers.2.feed_forward.norm")]
    [InlineData("embedding*", "embedding", "embedding.positioned")]
    [InlineData("logits", "logits")]
    [InlineData("layers.7.*")]
    [InlineData("attention.pattern")]
    public void A_pattern_keeps_what_it_names(string pattern, params string[] expected)
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        using ActivationCapture capture = session.Capture(pattern);
        session.Forward(Tokens);
        capture.Activations.Select(activation => activation.Name).Should().Equal(expected);
    }

    [Fact]
    public void A_star_keeps_all_there_is()
    {
        Recorder recorder = new();
        TransformerModel model = TinyModels.Build("gemma");
        model.AllLogits(Tokens, recorder);
        ActivationCapture capture = new("*");
        model.AllLogits(Tokens, capture);
        capture.Activations.Select(activation => activation.Name).Should().Equal(recorder.Names);
        foreach (CapturedActivation activation in capture.Activations)
            activation.Values.ToArray().Should().Equal(recorder.Seen[activation.Name]);
    }

    [Theory]
    [InlineData("layers")]
    [InlineData("layers.x.attention.q")]
    [InlineData("")]
    public void What_cannot_be_a_pattern_is_refused(string pattern)
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        if (pattern == "layers")
            pattern += ".";
        ((Action)(() => session.Capture(pattern))).Should().Throw<ArgumentException>();
        session.Observer.Should().BeNull();
    }

    [Fact]
    public void Passes_are_joined()
    {
        TransformerModel model = TinyModels.Build("llama");
        string[] points = ["layers.1.attention.pattern", "layers.1.attention.scores", "layers.1.residual.after"];
        ActivationCapture whole = new(points);
        model.AllLogits(Tokens, whole);
        using DecoderSession session = model.CreateSession();
        using ActivationCapture parts = session.Capture(points);
        session.Forward(Tokens.AsSpan(0, 3));
        foreach (int token in Tokens[3..])
            session.Forward(token);
        foreach (string point in points)
        {
            parts[point].Rows.Should().Be(whole[point].Rows);
            parts[point].Columns.Should().Be(whole[point].Columns);
            parts[point].Values.ToArray().Zip(whole[point].Values.ToArray()).Should().OnlyContain(pair => pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) < 1e-4);
        }
    }

    [Fact]
    public void It_ends_when_disposed_and_leaves_the_observer_before_it()
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        IActivationObserver before = Intervention.Zero(0, ActivationPoints.AttentionOut);
        session.Observer = before;
        ActivationCapture capture = session.Capture("layers.0.attention.out");
        session.Forward(Tokens);
        capture["layers.0.attention.out"].Values.ToArray().Should().OnlyContain(value => value == 0, "who changes values goes first");
        capture.Dispose();
        session.Observer.Should().BeSameAs(before);
        session.Forward(1);
        capture.Activations.Should().ContainSingle();
        ((Action)(() => _ = capture["layers.0.attention.q"])).Should().Throw<KeyNotFoundException>();
    }

    [Fact]
    public void Asking_what_is_wanted_allocates_nothing()
    {
        ActivationCapture capture = new("layers.*.attention.*", "final*");
        bool wanted = false;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            wanted |= capture.Wants(i, ActivationPoints.FeedForwardOut) || capture.Wants(-1, ActivationPoints.Logits);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        wanted.Should().BeFalse();
    }
}
