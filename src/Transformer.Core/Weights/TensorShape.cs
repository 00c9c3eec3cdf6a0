namespace Transformer.Core.Weights;

/// <summary>The shape of a tensor: a vector, a matrix, or a stack of matrices (one for each expert).</summary>
/// <param name="Rows">Output features; 1 for a vector.</param>
/// <param name="Columns">Input features, contiguous in memory; the length of a vector.</param>
/// <param name="Count">Matrices stacked; 1 unless the tensor holds experts.</param>
public readonly record struct TensorShape(int Rows, int Columns, int Count = 1)
{
    /// <summary>Number of values.</summary>
    public long Length => (long)Rows * Columns * Count;

    /// <summary>The shape of a vector of <paramref name="length"/> values.</summary>
    public static TensorShape Vector(int length) => new(1, length);

    /// <summary>The dimensions, outermost first, without leading ones.</summary>
    public override string ToString() => Count > 1 ? $"[{Count}, {Rows}, {Columns}]" : Rows > 1 ? $"[{Rows}, {Columns}]" : $"[{Columns}]";
}
