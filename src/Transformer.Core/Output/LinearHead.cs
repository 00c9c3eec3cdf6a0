using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Weights;

namespace Transformer.Core.Output;

/// <summary>logits = hidden·Wpᵀ, with the output matrix Wp [vocabulary, hidden]: its own, or the embedding table (tied).</summary>
public sealed class LinearHead : IOutputHead
{
    private readonly Linear _projection;
    private readonly float? _cap;

    /// <summary>Reads <c>lm_head.weight</c>, or <c>model.embed_tokens.weight</c> if tied.</summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="tied">Whether the output matrix is the embedding table (Press and Wolf 2016, arXiv:1608.05859).</param>
    /// <param name="bias">Whether there is a <c>bias</c> [vocabulary].</param>
    /// <param name="cap">Bends the logits into (−cap, cap), cap·tanh(logit/cap), as Gemma 2 does (arXiv:2408.00118); null: does not.</param>
    public LinearHead(ComponentContext context, bool tied = true, bool bias = false, double? cap = null)
    {
        if (cap is { } limit && !(limit > 0 && double.IsFinite(limit)))
            throw new ArgumentException($"Logit cap: expected a number above 0, found {limit}.", nameof(cap));
        WeightScope weights = tied ? context.Weights.Root.Child("model.embed_tokens") : context.Weights;
        _projection = new Linear(
            [weights.Matrix("weight", context.VocabSize, context.HiddenSize)],
            bias ? context.Weights.Vector("bias", context.VocabSize) : null);
        _cap = (float?)cap;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan hidden, MatrixSpan logits, in ForwardContext context)
    {
        _projection.Forward(hidden, logits, context.Compute);
        for (int row = 0; _cap is not null && row < logits.Rows; row++)
            SoftCap.Compute(logits[row], _cap.Value);
    }
}
