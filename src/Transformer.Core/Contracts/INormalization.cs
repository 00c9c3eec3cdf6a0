using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>Brings every row to a common scale. Immutable and thread-safe.</summary>
public interface INormalization
{
    /// <summary>Computes y from x, row by row.</summary>
    /// <param name="x">[n, features].</param>
    /// <param name="y">[n, features]; may be the same memory as x.</param>
    void Forward(MatrixSpan x, MatrixSpan y);
}
