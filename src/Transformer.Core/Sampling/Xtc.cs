using Transformer.Core.Numerics;

namespace Transformer.Core.Sampling;

/// <summary>
/// Exclude top choices (p-e-w 2024, oobabooga/text-generation-webui#6335; as in llama.cpp): with some probability, where several
/// tokens reach a threshold, excludes all of these but the least probable one.
/// </summary>
public sealed class Xtc : ILogitsProcessor
{
    private readonly double _probability;
    private readonly double _threshold;
    private SplitMix64 _random;

    /// <summary>Excludes top choices.</summary>
    /// <param name="probability">How often, 0 to 1.</param>
    /// <param name="threshold">The probability from which on a token is a top choice, 0 to 1; above 0.5 there are no two.</param>
    /// <param name="seed">Selects when.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Xtc(double probability, double threshold, ulong seed)
    {
        _probability = SamplingValue.Share(probability, nameof(Xtc), nameof(probability));
        _threshold = SamplingValue.Share(threshold, nameof(Xtc), nameof(threshold));
        _random = new SplitMix64(seed);
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        if (_probability <= 0 || _threshold > 0.5 || _random.NextDouble() >= _probability)
            return;
        Distribution distribution = Distribution.Of(logits);
        if (distribution.Count < 2)
            return;

        int least = -1;
        for (int i = 0; i < logits.Length; i++)
            if (IsTop(logits[i], distribution) && (least < 0 || logits[i] <= logits[least]))
                least = i;
        for (int i = 0; i < logits.Length && least >= 0; i++)
            if (i != least && IsTop(logits[i], distribution))
                logits[i] = float.NegativeInfinity;
    }

    private bool IsTop(float logit, Distribution distribution) =>
        logit != float.NegativeInfinity && Math.Exp(logit - distribution.LogTotal) >= _threshold;
}
