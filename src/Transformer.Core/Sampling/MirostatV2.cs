using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>
/// Mirostat 2 (Basu et al. 2020, arXiv:2007.14966, algorithm 2; as in llama.cpp): excludes tokens of more surprise −log₂ p than μ,
/// chooses one of the others, and moves μ by the error: μ −= η·(−log₂ p − τ). μ begins at 2τ.
/// </summary>
public sealed class MirostatV2 : ISampler
{
    private readonly double _tau;
    private readonly double _eta;
    private readonly RandomSampler _random;
    private double _mu;
    private float[] _kept = [];

    /// <summary>A choice that aims at a surprise.</summary>
    /// <param name="tau">The surprise wanted, in bits, above 0.</param>
    /// <param name="eta">How fast it is approached, at least 0.</param>
    /// <param name="seed">Selects the sequence of choices.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public MirostatV2(double tau, double eta, ulong seed)
    {
        _tau = SamplingValue.Positive(tau, nameof(MirostatV2), nameof(tau));
        _eta = SamplingValue.AtLeast(0, eta, nameof(MirostatV2), nameof(eta));
        _mu = 2 * tau;
        _random = new RandomSampler(seed);
    }

    /// <summary>The logits that were let in, the last time.</summary>
    internal ReadOnlySpan<float> Kept => _kept;

    /// <inheritdoc/>
    public int Sample(ReadOnlySpan<float> logits)
    {
        if (_kept.Length != logits.Length)
            _kept = new float[logits.Length];
        double total = Distribution.Of(logits).LogTotal;
        for (int i = 0; i < logits.Length; i++)
            _kept[i] = Bits(total - logits[i]) > _mu ? float.NegativeInfinity : logits[i];
        int best = ArgMax.Compute(logits);
        _kept[best] = logits[best];
        int chosen = _random.Sample(_kept);
        _mu -= _eta * (Bits(Distribution.Of(_kept).LogTotal - logits[chosen]) - _tau);
        return chosen;
    }

    private static double Bits(double nats) => nats / Math.Log(2);
}
