using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>
/// Top-nσ (Tang et al. 2024, arXiv:2411.07641): keeps logits of at least max − n·σ, with σ the standard deviation of the logits
/// (of all, divided by their number). What it keeps does not depend on the temperature.
/// </summary>
public sealed class TopNSigma : ILogitsProcessor
{
    private readonly double _n;

    /// <summary>Keeps logits within <paramref name="n"/> standard deviations of the largest.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is not a finite number above 0.</exception>
    public TopNSigma(double n) => _n = SamplingValue.Positive(n, nameof(TopNSigma), nameof(n));

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        float largest = Maximum.Of(logits);
        if (!float.IsFinite(largest))
            return;
        double sum = 0;
        int count = 0;
        foreach (float logit in logits)
        {
            if (logit == float.NegativeInfinity)
                continue;
            sum += logit;
            count++;
        }
        double mean = sum / count, squares = 0;
        foreach (float logit in logits)
            if (logit != float.NegativeInfinity)
                squares += (logit - mean) * (logit - mean);
        double floor = largest - (_n * Math.Sqrt(squares / count));
        foreach (ref float logit in logits)
            if (logit < floor)
                logit = float.NegativeInfinity;
    }
}
