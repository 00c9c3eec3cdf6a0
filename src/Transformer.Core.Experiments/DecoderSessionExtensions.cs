using Transformer.Core.Experiments;

namespace Transformer.Core;

/// <summary>Watching a session.</summary>
public static class DecoderSessionExtensions
{
    /// <summary>Keeps copies of chosen activations of every later pass: <c>session.Capture("layers.*.attention.pattern", "logits")</c>. An observer that the session has goes on seeing, and changing, first.</summary>
    /// <inheritdoc cref="ActivationCapture(ReadOnlySpan{string})"/>
    public static ActivationCapture Capture(this DecoderSession session, params ReadOnlySpan<string> patterns) => new(session, patterns);
}
