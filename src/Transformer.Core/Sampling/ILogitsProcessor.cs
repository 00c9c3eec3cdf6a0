namespace Transformer.Core.Sampling;

/// <summary>One step between logits and the choice of a token. May keep scratch memory, so each generation has its own.</summary>
public interface ILogitsProcessor
{
    /// <summary>Changes logits in place; −∞ excludes a token.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="tokenIds">All tokens of the sequence so far, the prompt's included.</param>
    void Process(Span<float> logits, ReadOnlySpan<int> tokenIds);
}
