using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>Transforms every row by itself. Immutable and thread-safe.</summary>
public interface IFeedForward
{
    /// <summary>Computes y from x, row by row.</summary>
    /// <param name="x">[n, hidden].</param>
    /// <param name="y">[n, hidden], overwritten; does not overlap x.</param>
    /// <param name="context">Scratch memory, threads, observer.</param>
    void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context);
}
