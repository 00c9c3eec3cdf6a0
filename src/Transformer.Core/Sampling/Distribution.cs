using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>What several steps ask of the softmax of some logits; excluded tokens (−∞) count nowhere.</summary>
/// <param name="LogTotal">ln Σ e^logit: ln p of a token is its logit less this.</param>
/// <param name="Entropy">−Σ p ln p, in nats.</param>
/// <param name="Count">Tokens that are not excluded.</param>
internal readonly record struct Distribution(double LogTotal, double Entropy, int Count)
{
    /// <summary>The distribution of logits; of none, or with no finite maximum, an empty one.</summary>
    public static Distribution Of(ReadOnlySpan<float> logits)
    {
        float largest = Maximum.Of(logits);
        if (!float.IsFinite(largest))
            return default;
        double sum = 0, weighted = 0;
        int count = 0;
        foreach (float logit in logits)
        {
            if (logit == float.NegativeInfinity)
                continue;
            double distance = (double)logit - largest;
            double weight = Math.Exp(distance);
            sum += weight;
            weighted += weight * distance;
            count++;
        }

        // −Σ p (distance − ln sum) = ln sum − Σ p distance
        return new Distribution(largest + Math.Log(sum), Math.Log(sum) - (weighted / sum), count);
    }
}
