namespace Transformer.Core.FeedForward;

/// <summary>How a router turns its logits into scores of experts.</summary>
public enum ExpertScoring
{
    /// <summary>Softmax over all experts (Shazeer et al. 2017, arXiv:1701.06538; Mixtral, arXiv:2401.04088, renormalizes).</summary>
    Softmax,

    /// <summary>Each expert's sigmoid (DeepSeek-V3, arXiv:2412.19437).</summary>
    Sigmoid,

    /// <summary>The logits choose, and weights are their softmax over the chosen (gpt-oss, arXiv:2508.10925).</summary>
    SoftmaxOfChosen,
}
