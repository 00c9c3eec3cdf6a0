namespace Transformer.Core.Sampling;

/// <summary>Chooses a token. May keep a random state, so each generation has its own.</summary>
public interface ISampler
{
    /// <summary>The chosen token.</summary>
    /// <param name="logits">[vocabulary]; −∞ for tokens that are excluded. Left as they are.</param>
    int Sample(ReadOnlySpan<float> logits);
}
