using Transformer.Core.Sampling;

namespace Transformer.Core.Generation;

/// <summary>The steps between logits and a token, with their scratch memory and random state: one for each generation.</summary>
/// <param name="processors">The steps, in order.</param>
/// <param name="sampler">The choice.</param>
internal sealed class TokenChoice(ILogitsProcessor[] processors, ISampler sampler)
{
    private float[] _logits = [];

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">Raw logits, left as they are.</param>
    /// <param name="tokens">All tokens so far.</param>
    public int Choose(ReadOnlySpan<float> logits, ReadOnlySpan<int> tokens)
    {
        if (processors.Length == 0)
            return sampler.Sample(logits);
        if (_logits.Length != logits.Length)
            _logits = new float[logits.Length];
        logits.CopyTo(_logits);
        foreach (ILogitsProcessor processor in processors)
            processor.Process(_logits, tokens);
        return sampler.Sample(_logits);
    }
}
