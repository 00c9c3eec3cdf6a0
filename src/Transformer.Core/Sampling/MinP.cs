namespace Transformer.Core.Sampling;

/// <summary>Keeps tokens at least p times as probable as the most probable one (Nguyen et al. 2024, arXiv:2407.01082).</summary>
public sealed class MinP : ILogitsProcessor
{
    private readonly float _logP;

    /// <summary>Keeps tokens above the share <paramref name="p"/> of the largest probability.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not above 0 and at most 1.</exception>
    public MinP(double p)
    {
        if (!(p > 0 && p <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), p, "MinP: expected a number above 0 and at most 1.");
        _logP = (float)Math.Log(p);
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        float largest = float.NegativeInfinity;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        foreach (ref float logit in logits)
            if (logit < largest + _logP)
                logit = float.NegativeInfinity;
    }
}
