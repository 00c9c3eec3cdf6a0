using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>
/// A temperature that grows with how unsure the model is (entropy sampling; kalomaze 2023, ggml-org/llama.cpp#4972):
/// T = low + (high − low)·(H / ln n)^exponent, with low and high the temperature less and plus the range, H the entropy
/// and n the number of tokens that are not excluded.
/// </summary>
public sealed class DynamicTemperature : ILogitsProcessor
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _exponent;

    /// <summary>A dynamic temperature.</summary>
    /// <param name="value">The middle, at least 0.</param>
    /// <param name="range">How far it moves down (not below 0) and up, at least 0.</param>
    /// <param name="exponent">At least 0; 1: linear.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public DynamicTemperature(double value, double range, double exponent = 1)
    {
        SamplingValue.AtLeast(0, value, nameof(DynamicTemperature), nameof(value));
        SamplingValue.AtLeast(0, range, nameof(DynamicTemperature), nameof(range));
        _exponent = SamplingValue.AtLeast(0, exponent, nameof(DynamicTemperature), nameof(exponent));
        _low = Math.Max(0, value - range);
        _high = value + range;
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        Distribution distribution = Distribution.Of(logits);
        if (distribution.Count < 2)
            return;
        double unsure = Math.Clamp(distribution.Entropy / Math.Log(distribution.Count), 0, 1);
        double temperature = _low + ((_high - _low) * Math.Pow(unsure, _exponent));
        int best = ArgMax.Compute(logits);
        for (int i = 0; i < logits.Length; i++)
            logits[i] = temperature > 0 ? (float)(logits[i] / temperature) : i == best ? logits[i] : float.NegativeInfinity;

        // Quotients by almost nothing may pass the largest float: then only the most probable token is left.
        if (!float.IsFinite(logits[best]))
            for (int i = 0; i < logits.Length; i++)
                logits[i] = i == best ? 0 : float.NegativeInfinity;
    }
}
