using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>Keeps the fewest most probable tokens that together have the probability p (Holtzman et al. 2019, arXiv:1904.09751).</summary>
public sealed class TopP : ILogitsProcessor
{
    private readonly double _p;
    private readonly Ranking _ranking = new();

    /// <summary>Keeps the nucleus of probability <paramref name="p"/>; at least one token stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not above 0 and at most 1.</exception>
    public TopP(double p) => _p = SamplingValue.Probability(p, nameof(TopP), nameof(p));

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        float largest = Maximum.Of(logits);
        if (_p >= 1 || !float.IsFinite(largest))
            return;

        // The nucleus is mostly a few tokens of a large vocabulary: only those near the top are sorted.
        double total = Weight(logits, largest, float.NegativeInfinity);
        float floor = float.NegativeInfinity;
        for (float depth = 4; depth < 100; depth *= 2)
        {
            if (Weight(logits, largest, largest - depth) < _p * total)
                continue;
            floor = largest - depth;
            break;
        }
        _ranking.Clear(logits.Length);
        for (int i = 0; i < logits.Length; i++)
            if (logits[i] >= floor && logits[i] != float.NegativeInfinity)
                _ranking.Add(-logits[i], i);
        _ranking.Sort();

        ReadOnlySpan<int> ids = _ranking.Ids;
        double sum = 0;
        int kept = 0;
        while (kept < ids.Length && (kept == 0 || sum < _p * total))
            sum += Math.Exp((double)logits[ids[kept++]] - largest);
        foreach (int id in ids[kept..])
            logits[id] = float.NegativeInfinity;
        foreach (ref float logit in logits)
            if (logit < floor)
                logit = float.NegativeInfinity;
    }

    private static double Weight(ReadOnlySpan<float> logits, float largest, float floor)
    {
        double sum = 0;
        foreach (float logit in logits)
            if (logit >= floor && logit != float.NegativeInfinity)
                sum += Math.Exp((double)logit - largest);
        return sum;
    }
}
