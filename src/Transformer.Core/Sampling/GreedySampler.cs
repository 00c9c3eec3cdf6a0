using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Sampling;

/// <summary>Chooses the largest logit; of several equal ones the first.</summary>
public sealed class GreedySampler : ISampler
{
    /// <inheritdoc/>
    public int Sample(ReadOnlySpan<float> logits) => ArgMax.Compute(logits);
}
