using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>A normalization that divides every row by a number of its own, and can show it.</summary>
public interface IScaledNormalization : INormalization
{
    /// <summary>Computes what each row is divided by: √(variance + ε), √(mean(x²) + ε).</summary>
    /// <param name="x">[n, features].</param>
    /// <param name="scales">[n, 1], overwritten.</param>
    void Scales(MatrixSpan x, MatrixSpan scales);
}
