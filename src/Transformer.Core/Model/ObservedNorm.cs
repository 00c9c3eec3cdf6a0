using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>A normalization whose output, and what it divides by, an observer may see.</summary>
internal static class ObservedNorm
{
    /// <summary>y = norm(x), which may be the same memory.</summary>
    public static void Forward(INormalization norm, MatrixSpan x, MatrixSpan y, string point, in ForwardContext context)
    {
        if (context.Observer is not null && norm is IScaledNormalization scaled && ActivationPoints.ScaleOf(point) is var scale && context.IsObserved(scale))
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan scales = context.Workspace.Matrix(x.Rows, 1);
            scaled.Scales(x, scales);
            context.Observe(scale, scales);
        }
        context.Workers.Run(new Region { Norm = norm, X = x, Y = y }, x.Rows, ElementwiseGrain.Rows(x.Columns));
        context.Observe(point, y);
    }

    /// <summary>Item i is row i.</summary>
    private ref struct Region : IParallelWork
    {
        public INormalization Norm;
        public MatrixSpan X;
        public MatrixSpan Y;

        public readonly void Execute(int start, int end, int worker) => Norm.Forward(X.RowRange(start, end - start), Y.RowRange(start, end - start));
    }
}
