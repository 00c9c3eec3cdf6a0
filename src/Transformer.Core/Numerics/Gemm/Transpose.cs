using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>Turns rows into columns.</summary>
internal static unsafe class Transpose
{
    /// <summary>target[c, r] = source[r, c] for c below <paramref name="columns"/>; rows from <paramref name="rows"/> to <paramref name="filledRows"/> become zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(float* source, nint sourceStride, int rows, float* target, nint targetStride, int columns, int filledRows)
    {
        int row = 0;
        if (Avx512F.IsSupported)
        {
            // What lies side by side is written one after another: that is what costs.
            row = rows / 16 * 16;
            int column = 0;
            for (; column + 16 <= columns; column += 16)
                for (int block = 0; block < row; block += 16)
                    Block16(source + (block * sourceStride) + column, sourceStride, target + (column * targetStride) + block, targetStride);
            Scalar(source + column, sourceStride, row, target + (column * targetStride), targetStride, columns - column, row);
        }
        if (row < filledRows)
            Scalar(source + (row * sourceStride), sourceStride, rows - row, target + row, targetStride, columns, filledRows - row);
    }

    /// <summary>Writes sums [rows, tokens and filling] where they belong: [tokens, rows].</summary>
    public static void Compute(MatrixSpan sums, MatrixSpan y)
    {
        fixed (float* source = sums.Data)
        fixed (float* target = y.Data)
            Compute(source, sums.Stride, sums.Rows, target, y.Stride, y.Rows, sums.Rows);
    }

    /// <summary>The scalar reference of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Scalar(float* source, nint sourceStride, int rows, float* target, nint targetStride, int columns, int filledRows)
    {
        // By blocks of columns, so that the rows being read stay in the nearest cache.
        for (int start = 0; start < columns; start += 16)
        {
            int end = Math.Min(start + 16, columns);
            for (int row = 0; row < filledRows; row++)
                for (int column = start; column < end; column++)
                    target[(column * targetStride) + row] = row < rows ? source[(row * sourceStride) + column] : 0;
        }
    }

    /// <summary>16 by 16: pairs, then fours, then quarters of the vectors change places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block16(float* source, nint sourceStride, float* target, nint targetStride)
    {
        float* s = source;
        Vector512<float> r0 = Load(ref s, sourceStride), r1 = Load(ref s, sourceStride), r2 = Load(ref s, sourceStride), r3 = Load(ref s, sourceStride);
        Vector512<float> r4 = Load(ref s, sourceStride), r5 = Load(ref s, sourceStride), r6 = Load(ref s, sourceStride), r7 = Load(ref s, sourceStride);
        Vector512<float> r8 = Load(ref s, sourceStride), r9 = Load(ref s, sourceStride), ra = Load(ref s, sourceStride), rb = Load(ref s, sourceStride);
        Vector512<float> rc = Load(ref s, sourceStride), rd = Load(ref s, sourceStride), re = Load(ref s, sourceStride), rf = Load(ref s, sourceStride);
        Fours(ref r0, ref r1, ref r2, ref r3);
        Fours(ref r4, ref r5, ref r6, ref r7);
        Fours(ref r8, ref r9, ref ra, ref rb);
        Fours(ref rc, ref rd, ref re, ref rf);
        Quarters(r0, r4, r8, rc, target, targetStride);
        Quarters(r1, r5, r9, rd, target + targetStride, targetStride);
        Quarters(r2, r6, ra, re, target + (2 * targetStride), targetStride);
        Quarters(r3, r7, rb, rf, target + (3 * targetStride), targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(ref float* source, nint stride)
    {
        Vector512<float> row = Vector512.Load(source);
        source += stride;
        return row;
    }

    /// <summary>Four rows become, in each quarter, four columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fours(ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
    {
        Vector512<double> ab0 = Avx512F.UnpackLow(a, b).AsDouble(), ab1 = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> cd0 = Avx512F.UnpackLow(c, d).AsDouble(), cd1 = Avx512F.UnpackHigh(c, d).AsDouble();
        a = Avx512F.UnpackLow(ab0, cd0).AsSingle();
        b = Avx512F.UnpackHigh(ab0, cd0).AsSingle();
        c = Avx512F.UnpackLow(ab1, cd1).AsSingle();
        d = Avx512F.UnpackHigh(ab1, cd1).AsSingle();
    }

    /// <summary>Quarter q of the four vectors makes column 4q, stored four strides apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target, nint stride)
    {
        Vector512<float> ab02 = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00), ab13 = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
        Vector512<float> cd02 = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00), cd13 = Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
        Avx512F.Shuffle4x128(ab02, cd02, 0b10_00_10_00).Store(target);
        Avx512F.Shuffle4x128(ab13, cd13, 0b10_00_10_00).Store(target + (4 * stride));
        Avx512F.Shuffle4x128(ab02, cd02, 0b11_01_11_01).Store(target + (8 * stride));
        Avx512F.Shuffle4x128(ab13, cd13, 0b11_01_11_01).Store(target + (12 * stride));
    }
}
