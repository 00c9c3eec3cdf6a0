namespace Transformer.Core.Sampling;

/// <summary>Keeps the fewest most probable tokens that together have the probability p (Holtzman et al. 2019, arXiv:1904.09751).</summary>
public sealed class TopP : ILogitsProcessor
{
    private readonly double _p;
    private float[] _sorted = [];
    private int[] _ids = [];

    /// <summary>Keeps the nucleus of probability <paramref name="p"/>; at least one token stays.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not above 0 and at most 1.</exception>
    public TopP(double p)
    {
        if (!(p > 0 && p <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "TopP: expected a number above 0 and at most 1.");
        _p = p;
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        if (_p >= 1)
            return;
        if (_sorted.Length < logits.Length)
        {
            _sorted = new float[logits.Length];
            _ids = new int[logits.Length];
        }
        int count = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (logits[i] == float.NegativeInfinity)
                continue;
            _sorted[count] = -logits[i];
            _ids[count++] = i;
        }
        if (count == 0)
            return;

        Span<float> negated = _sorted.AsSpan(0, count);
        Span<int> ids = _ids.AsSpan(0, count);
        negated.Sort(ids);
        float largest = -negated[0];
        double total = 0;
        foreach (float value in negated)
            total += Math.Exp(-value - largest);
        double sum = 0;
        int kept = 0;
        while (kept < count && (kept == 0 || sum < _p * total))
            sum += Math.Exp(-negated[kept++] - largest);
        foreach (int id in ids[kept..])
            logits[id] = float.NegativeInfinity;
    }
}
