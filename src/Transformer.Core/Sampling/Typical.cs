namespace Transformer.Core.Sampling;

/// <summary>
/// Locally typical sampling (Meister et al. 2022, arXiv:2202.00666): keeps the tokens whose information −ln p is nearest to the
/// entropy, as few as have more than the probability p together. The sum runs as in llama.cpp.
/// </summary>
public sealed class Typical : ILogitsProcessor
{
    private readonly double _p;
    private readonly Ranking _ranking = new();

    /// <summary>Keeps typical tokens of probability <paramref name="p"/>; at least one stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not above 0 and at most 1.</exception>
    public Typical(double p) => _p = SamplingValue.Probability(p, nameof(Typical), nameof(p));

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        Distribution distribution = Distribution.Of(logits);
        if (_p >= 1 || distribution.Count == 0)
            return;
        _ranking.Clear(logits.Length);
        for (int i = 0; i < logits.Length; i++)
            if (logits[i] != float.NegativeInfinity)
                _ranking.Add((float)Math.Abs(distribution.LogTotal - logits[i] - distribution.Entropy), i);
        _ranking.Sort();

        ReadOnlySpan<int> ids = _ranking.Ids;
        double sum = 0;
        int kept = 0;
        while (kept < ids.Length && (kept == 0 || sum <= _p))
            sum += Math.Exp(logits[ids[kept++]] - distribution.LogTotal);
        foreach (int id in ids[kept..])
            logits[id] = float.NegativeInfinity;
    }
}
