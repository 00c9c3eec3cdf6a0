using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.FeedForward;

/// <summary>Two linear maps with a non-linearity between: FFN(x) = act(x·W1 + b1)·W2 + b2.</summary>
public sealed class Mlp : IFeedForward
{
    private readonly Linear _up;
    private readonly Linear _down;
    private readonly ActivationFunction _activation;

    /// <summary>Reads <c>up_proj</c> [intermediate, hidden] and <c>down_proj</c> [hidden, intermediate], with biases if wanted.</summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="activation">The non-linearity.</param>
    /// <param name="bias">Whether both maps have biases.</param>
    /// <param name="intermediateSize">Hidden features; null: the builder's <see cref="ComponentContext.IntermediateSize"/>.</param>
    public Mlp(ComponentContext context, ActivationFunction activation = ActivationFunction.Gelu, bool bias = true, int? intermediateSize = null)
    {
        int width = intermediateSize ?? context.IntermediateSize;
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1, "IntermediateSize");
        _up = context.Weights.Linear(context.HiddenSize, bias, ("up_proj", width));
        _down = context.Weights.Linear(width, bias, ("down_proj", context.HiddenSize));
        _activation = activation;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        MatrixSpan wide = context.Workspace.Matrix(x.Rows, _up.Outputs);
        _up.Forward(x, wide, context.Compute);
        context.Observe(ActivationPoints.FeedForwardPre, wide);
        _activation.Apply(wide, context.Workers);
        context.Observe(ActivationPoints.FeedForwardPost, wide);
        _down.Forward(wide, y, context.Compute);
        context.Observe(ActivationPoints.FeedForwardOut, y);
    }
}
