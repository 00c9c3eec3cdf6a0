using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The weighted sum of the rows of a matrix: a query's values, weighted by its attention pattern.</summary>
public static unsafe class WeightedRows
{
    /// <summary>y[k] = Σ weights[i]·rows[i, k], the rows in their order.</summary>
    /// <param name="weights">[n].</param>
    /// <param name="rows">[n, k].</param>
    /// <param name="y">[k], overwritten.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Compute(ReadOnlySpan<float> weights, MatrixSpan rows, Span<float> y)
    {
        Validate(weights, rows, y);
        int done = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            fixed (float* w = weights)
            fixed (float* row = rows.Data)
            fixed (float* result = y)
            {
                for (; done <= y.Length - 64; done += 64)
                    Wide4(w, weights.Length, row + done, rows.Stride, result + done);
                for (; done <= y.Length - 16; done += 16)
                    Wide1(w, weights.Length, row + done, rows.Stride, result + done);
            }
            if (done == y.Length)
                return;
        }
        Span<float> rest = y[done..];
        rest.Clear();
        for (int i = 0; i < weights.Length; i++)
            ScaledAdd.Compute(weights[i], rows[i][done..], rest);
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(ReadOnlySpan<float> weights, MatrixSpan rows, Span<float> y)
    {
        Validate(weights, rows, y);
        for (int k = 0; k < y.Length; k++)
        {
            double sum = 0;
            for (int i = 0; i < weights.Length; i++)
                sum += (double)weights[i] * rows[i][k];
            y[k] = (float)sum;
        }
    }

    /// <summary>64 columns: the sums stay in registers while all rows pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide4(float* weights, int count, float* row, nint stride, float* y)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int i = 0; i < count; i++, row += stride)
        {
            Vector512<float> w = Vector512.Create(weights[i]);
            s0 = Vector512.FusedMultiplyAdd(w, Vector512.Load(row), s0);
            s1 = Vector512.FusedMultiplyAdd(w, Vector512.Load(row + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(w, Vector512.Load(row + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(w, Vector512.Load(row + 48), s3);
        }
        s0.Store(y);
        s1.Store(y + 16);
        s2.Store(y + 32);
        s3.Store(y + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide1(float* weights, int count, float* row, nint stride, float* y)
    {
        Vector512<float> sum = default;
        for (int i = 0; i < count; i++, row += stride)
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[i]), Vector512.Load(row), sum);
        sum.Store(y);
    }

    private static void Validate(ReadOnlySpan<float> weights, MatrixSpan rows, Span<float> y)
    {
        if (rows.Rows != weights.Length || rows.Columns != y.Length)
            throw new ArgumentException($"Rows [{rows.Rows}, {rows.Columns}] do not go with {weights.Length} weights and a result of {y.Length}.");
    }
}
