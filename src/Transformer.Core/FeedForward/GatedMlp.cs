using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.FeedForward;

/// <summary>
/// A gated feed-forward: y = (act(x·Wg) ⊙ x·Wu)·Wd. SwiGLU with SiLU, GeGLU with GELU (Shazeer 2020, arXiv:2002.05202).
/// </summary>
public sealed class GatedMlp : IFeedForward
{
    private readonly Linear _gateUp;
    private readonly Linear _down;
    private readonly GatedActivation _activation;

    /// <summary>Reads <c>gate_proj</c> and <c>up_proj</c> [intermediate, hidden] and <c>down_proj</c> [hidden, intermediate].</summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="activation">The non-linearity of the gate.</param>
    /// <param name="bias">Whether the maps have biases.</param>
    /// <param name="intermediateSize">Hidden features; null: the builder's <see cref="ComponentContext.IntermediateSize"/>.</param>
    public GatedMlp(ComponentContext context, ActivationFunction activation = ActivationFunction.Silu, bool bias = false, int? intermediateSize = null)
        : this(context, GatedActivation.Of(activation), bias, intermediateSize)
    {
    }

    /// <inheritdoc cref="GatedMlp(ComponentContext, ActivationFunction, bool, int?)"/>
    public GatedMlp(ComponentContext context, GatedActivation activation, bool bias = false, int? intermediateSize = null)
    {
        int width = intermediateSize ?? context.IntermediateSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1, "IntermediateSize");
        _gateUp = context.Weights.Linear(context.HiddenSize, bias, ("gate_proj", width), ("up_proj", width));
        _down = context.Weights.Linear(width, bias, ("down_proj", context.HiddenSize));
        _activation = activation;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        int width = _gateUp.Outputs / 2;
        if (!context.IsObserved(ActivationPoints.FeedForwardPre) && !context.IsObserved(ActivationPoints.FeedForwardUp) && !context.IsObserved(ActivationPoints.FeedForwardPost))
        {
            _gateUp.ForwardGated(x, _activation.Gate, _down, y, context.Compute);
        }
        else
        {
            MatrixSpan both = context.Workspace.Matrix(x.Rows, 2 * width);
            _gateUp.Forward(x, both, context.Compute);
            MatrixSpan gate = both.ColumnRange(0, width);
            MatrixSpan up = both.ColumnRange(width, width);
            context.Observe(ActivationPoints.FeedForwardPre, gate);
            context.Observe(ActivationPoints.FeedForwardUp, up);
            for (int row = 0; row < x.Rows; row++)
                _activation.Gate.Apply(gate[row], up[row]);
            context.Observe(ActivationPoints.FeedForwardPost, gate);
            _down.Forward(gate, y, context.Compute);
        }
        context.Observe(ActivationPoints.FeedForwardOut, y);
    }
}
