using Transformer.Core.Numerics;

namespace Transformer.Core.Sampling;

/// <summary>Chooses a token with the probability that the softmax of the logits gives it.</summary>
/// <param name="seed">Selects the sequence of choices; the same seed and logits give the same tokens on every machine.</param>
public sealed class RandomSampler(ulong seed) : ISampler
{
    private SplitMix64 _random = new(seed);

    /// <inheritdoc/>
    public int Sample(ReadOnlySpan<float> logits)
    {
        float largest = float.NegativeInfinity;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        if (!float.IsFinite(largest))
            throw new ArgumentException($"Expected logits with a finite maximum, found {largest}.", nameof(logits));

        double total = 0;
        foreach (float logit in logits)
            total += Weight(logit, largest);

        double point = _random.NextDouble() * total;
        int chosen = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double weight = Weight(logits[i], largest);
            if (weight == 0)
                continue;
            chosen = i;
            point -= weight;
            if (point < 0)
                break;
        }
        return chosen;
    }

    private static double Weight(float logit, float largest) => logit == float.NegativeInfinity ? 0 : Math.Exp(logit - largest);
}
