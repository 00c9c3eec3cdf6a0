using Transformer.Core.Numerics;

namespace Transformer.Core.Sampling;

/// <summary>
/// Mirostat (Basu et al. 2020, arXiv:2007.14966, algorithm 1; as in llama.cpp): estimates from the most probable tokens how
/// fast probabilities fall (Zipf's s), keeps the k tokens that give the surprise μ, chooses one of them, and moves μ by the
/// error: μ −= η·(−log₂ p − τ). μ begins at 2τ.
/// </summary>
public sealed class MirostatV1 : ISampler
{
    private readonly double _tau;
    private readonly double _eta;
    private readonly int _most;
    private readonly Ranking _ranking = new();
    private readonly RandomSampler _random;
    private double _mu;
    private float[] _kept = [];

    /// <summary>A choice that aims at a surprise.</summary>
    /// <param name="tau">The surprise wanted, in bits, above 0.</param>
    /// <param name="eta">How fast it is approached, at least 0.</param>
    /// <param name="seed">Selects the sequence of choices.</param>
    /// <param name="most">From how many tokens s is estimated, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public MirostatV1(double tau, double eta, ulong seed, int most = 100)
    {
        _tau = SamplingValue.Positive(tau, nameof(MirostatV1), nameof(tau));
        _eta = SamplingValue.AtLeast(0, eta, nameof(MirostatV1), nameof(eta));
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        _most = most;
        _mu = 2 * tau;
        _random = new RandomSampler(seed);
    }

    /// <summary>The logits that were let in, the last time.</summary>
    internal ReadOnlySpan<float> Kept => _kept;

    /// <inheritdoc/>
    public int Sample(ReadOnlySpan<float> logits)
    {
        _ranking.Clear(logits.Length);
        for (int i = 0; i < logits.Length; i++)
            if (logits[i] != float.NegativeInfinity)
                _ranking.Add(-logits[i], i);
        _ranking.Sort();
        ReadOnlySpan<int> ids = _ranking.Ids;
        int kept = Math.Clamp(Keep(logits, ids), 1, Math.Max(1, ids.Length));

        if (_kept.Length != logits.Length)
            _kept = new float[logits.Length];
        _kept.AsSpan().Fill(float.NegativeInfinity);
        foreach (int id in ids[..Math.Min(kept, ids.Length)])
            _kept[id] = logits[id];
        int chosen = _random.Sample(_kept);
        _mu -= _eta * (((Distribution.Of(_kept).LogTotal - logits[chosen]) / Math.Log(2)) - _tau);
        return chosen;
    }

    /// <summary>How many tokens have the surprise μ.</summary>
    private int Keep(ReadOnlySpan<float> logits, ReadOnlySpan<int> ids)
    {
        double products = 0, squares = 0;
        for (int i = 0; i < _most - 1 && i < ids.Length - 1; i++)
        {
            double t = Math.Log((i + 2.0) / (i + 1));
            products += t * ((double)logits[ids[i]] - logits[ids[i + 1]]);
            squares += t * t;
        }
        double s = products / squares, epsilon = s - 1;
        double k = Math.Pow(epsilon * Math.Pow(2, _mu) / (1 - Math.Pow(logits.Length, -epsilon)), 1 / s);
        return double.IsNaN(k) ? 1 : (int)Math.Min(k, int.MaxValue);
    }
}
