using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The dot products of one vector with every row of a matrix: a query's scores over the keys.</summary>
/// <remarks>A row's result does not depend on which other rows there are.</remarks>
public static unsafe class RowDots
{
    /// <summary>y[i] = scale·Σ rows[i, k]·x[k].</summary>
    /// <param name="rows">[n, k].</param>
    /// <param name="x">[k].</param>
    /// <param name="scale">Factor on every result.</param>
    /// <param name="y">[n], overwritten.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(MatrixSpan rows, ReadOnlySpan<float> x, float scale, Span<float> y)
    {
        Validate(rows, x, y);
        if (Vector512.IsHardwareAccelerated && x.Length % 16 == 0)
        {
            fixed (float* row = rows.Data)
            fixed (float* vector = x)
            fixed (float* result = y)
                Wide(row, rows.Stride, y.Length, vector, x.Length, scale, result);
            return;
        }
        for (int i = 0; i < y.Length; i++)
            y[i] = DotProduct.Compute(rows[i], x) * scale;
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(MatrixSpan rows, ReadOnlySpan<float> x, float scale, Span<float> y)
    {
        Validate(rows, x, y);
        for (int i = 0; i < y.Length; i++)
            y[i] = DotProduct.Scalar(rows[i], x) * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(float* row, nint stride, int count, float* x, nint length, float scale, float* y)
    {
        for (int i = 0; i < count; i++, row += stride)
        {
            Vector512<float> even = default, odd = default;
            nint k = 0;
            for (; k <= length - 32; k += 32)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Load(row + k), Vector512.Load(x + k), even);
                odd = Vector512.FusedMultiplyAdd(Vector512.Load(row + k + 16), Vector512.Load(x + k + 16), odd);
            }
            if (k < length)
                even = Vector512.FusedMultiplyAdd(Vector512.Load(row + k), Vector512.Load(x + k), even);
            y[i] = Vector512.Sum(even + odd) * scale;
        }
    }

    private static void Validate(MatrixSpan rows, ReadOnlySpan<float> x, Span<float> y)
    {
        if (rows.Columns != x.Length || rows.Rows != y.Length)
            throw new ArgumentException($"Rows [{rows.Rows}, {rows.Columns}] do not go with a vector of {x.Length} and a result of {y.Length}.");
    }
}
