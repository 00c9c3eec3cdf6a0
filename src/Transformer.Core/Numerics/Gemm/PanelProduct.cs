using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// sums[r, t] (+)= Σ rows[r, k]·panel[k, t] for any number of rows: six at a time in tiles, the rest four, two and one
/// at a time, so that few rows (the heads that share keys) cost little more than reading the panel.
/// </summary>
/// <remarks>A row's result does not depend on the other rows.</remarks>
internal static unsafe class PanelProduct
{
    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Columns come in whole vectors of the widest kind.</summary>
    public const int Lanes = 16;

    /// <summary>Computes the sums.</summary>
    /// <param name="rows">[count, depth], <see cref="FloatGemm.RowStride"/> apart.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="panel">[depth, width].</param>
    /// <param name="panelStride">Floats from one row of the panel to the next.</param>
    /// <param name="width">Columns, a multiple of <see cref="Lanes"/>.</param>
    /// <param name="sums">[count, width].</param>
    /// <param name="sumStride">Floats from one row of sums to the next.</param>
    /// <param name="depth">Products to add up, at most <see cref="FloatGemm.RowStride"/>.</param>
    /// <param name="first">Whether the sums begin at zero rather than at what is there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(float* rows, int count, float* panel, int panelStride, int width, float* sums, nint sumStride, int depth, bool first)
    {
        int row = 0;
        for (; row + FloatTile.Rows <= count; row += FloatTile.Rows)
            Tiles(rows + ((nint)row * RowStride), panel, panelStride, width, sums + (row * sumStride), sumStride, depth, first);
        for (; Vector512.IsHardwareAccelerated && row + 4 <= count; row += 4)
            Rows4(rows + ((nint)row * RowStride), panel, panelStride, width, sums + (row * sumStride), sumStride, depth, first);
        for (; Vector512.IsHardwareAccelerated && row + 2 <= count; row += 2)
            Rows2(rows + ((nint)row * RowStride), panel, panelStride, width, sums + (row * sumStride), sumStride, depth, first);
        for (; row < count; row++)
            Row(rows + ((nint)row * RowStride), panel, panelStride, width, sums + (row * sumStride), depth, first);
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(float* rows, int count, float* panel, int panelStride, int width, float* sums, nint sumStride, int depth, bool first)
    {
        for (int row = 0; row < count; row++)
            for (int column = 0; column < width; column++)
            {
                double sum = first ? 0 : sums[(row * sumStride) + column];
                for (int k = 0; k < depth; k++)
                    sum += (double)rows[((nint)row * RowStride) + k] * panel[((nint)k * panelStride) + column];
                sums[(row * sumStride) + column] = (float)sum;
            }
    }

    /// <summary>Six rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles(float* rows, float* panel, int panelStride, int width, float* sums, nint sumStride, int depth, bool first)
    {
        for (int column = 0; column < width;)
        {
            int tile = FloatTile.Tokens;
            while (tile > width - column)
                tile /= 2;
            FloatTile.Compute(rows, panel + column, panelStride, tile, sums + column, sumStride, depth, first);
            column += tile;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(float* rows, float* panel, int panelStride, int width, float* sums, nint sumStride, int depth, bool first)
    {
        int column = 0;
        for (; column + 32 <= width; column += 32)
        {
            float* s = sums + column;
            Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            if (!first)
            {
                a0 = Vector512.Load(s);
                a1 = Vector512.Load(s + 16);
                b0 = Vector512.Load(s + sumStride);
                b1 = Vector512.Load(s + sumStride + 16);
                c0 = Vector512.Load(s + (2 * sumStride));
                c1 = Vector512.Load(s + (2 * sumStride) + 16);
                d0 = Vector512.Load(s + (3 * sumStride));
                d1 = Vector512.Load(s + (3 * sumStride) + 16);
            }
            float* p = panel + column;
            for (float* row = rows, end = rows + depth; row < end; row++, p += panelStride)
            {
                Vector512<float> x0 = Vector512.Load(p), x1 = Vector512.Load(p + 16);
                Vector512<float> w = Vector512.Create(row[0]);
                a0 = Vector512.FusedMultiplyAdd(w, x0, a0);
                a1 = Vector512.FusedMultiplyAdd(w, x1, a1);
                w = Vector512.Create(row[RowStride]);
                b0 = Vector512.FusedMultiplyAdd(w, x0, b0);
                b1 = Vector512.FusedMultiplyAdd(w, x1, b1);
                w = Vector512.Create(row[2 * RowStride]);
                c0 = Vector512.FusedMultiplyAdd(w, x0, c0);
                c1 = Vector512.FusedMultiplyAdd(w, x1, c1);
                w = Vector512.Create(row[3 * RowStride]);
                d0 = Vector512.FusedMultiplyAdd(w, x0, d0);
                d1 = Vector512.FusedMultiplyAdd(w, x1, d1);
            }
            a0.Store(s);
            a1.Store(s + 16);
            b0.Store(s + sumStride);
            b1.Store(s + sumStride + 16);
            c0.Store(s + (2 * sumStride));
            c1.Store(s + (2 * sumStride) + 16);
            d0.Store(s + (3 * sumStride));
            d1.Store(s + (3 * sumStride) + 16);
        }
        for (int row = 0; column < width && row < 4; row++)
            Row(rows + ((nint)row * RowStride), panel + column, panelStride, width - column, sums + (row * sumStride) + column, depth, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2(float* rows, float* panel, int panelStride, int width, float* sums, nint sumStride, int depth, bool first)
    {
        int column = 0;
        for (; column + 64 <= width; column += 64)
        {
            float* s = sums + column;
            Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            if (!first)
            {
                a0 = Vector512.Load(s);
                a1 = Vector512.Load(s + 16);
                a2 = Vector512.Load(s + 32);
                a3 = Vector512.Load(s + 48);
                b0 = Vector512.Load(s + sumStride);
                b1 = Vector512.Load(s + sumStride + 16);
                b2 = Vector512.Load(s + sumStride + 32);
                b3 = Vector512.Load(s + sumStride + 48);
            }
            float* p = panel + column;
            for (float* row = rows, end = rows + depth; row < end; row++, p += panelStride)
            {
                Vector512<float> x0 = Vector512.Load(p), x1 = Vector512.Load(p + 16), x2 = Vector512.Load(p + 32), x3 = Vector512.Load(p + 48);
                Vector512<float> w = Vector512.Create(row[0]);
                a0 = Vector512.FusedMultiplyAdd(w, x0, a0);
                a1 = Vector512.FusedMultiplyAdd(w, x1, a1);
                a2 = Vector512.FusedMultiplyAdd(w, x2, a2);
                a3 = Vector512.FusedMultiplyAdd(w, x3, a3);
                w = Vector512.Create(row[RowStride]);
                b0 = Vector512.FusedMultiplyAdd(w, x0, b0);
                b1 = Vector512.FusedMultiplyAdd(w, x1, b1);
                b2 = Vector512.FusedMultiplyAdd(w, x2, b2);
                b3 = Vector512.FusedMultiplyAdd(w, x3, b3);
            }
            a0.Store(s);
            a1.Store(s + 16);
            a2.Store(s + 32);
            a3.Store(s + 48);
            b0.Store(s + sumStride);
            b1.Store(s + sumStride + 16);
            b2.Store(s + sumStride + 32);
            b3.Store(s + sumStride + 48);
        }
        for (int row = 0; column < width && row < 2; row++)
            Row(rows + ((nint)row * RowStride), panel + column, panelStride, width - column, sums + (row * sumStride) + column, depth, first);
    }

    /// <summary>One row, 64 columns at once, then 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* row, float* panel, int panelStride, int width, float* sums, int depth, bool first)
    {
        int column = 0;
        for (; Vector256.IsHardwareAccelerated && column + 64 <= width; column += 64)
        {
            if (Vector512.IsHardwareAccelerated)
                Row512(row, panel + column, panelStride, sums + column, depth, first);
            else
                Row256(row, panel + column, panelStride, sums + column, depth, first);
        }
        for (; column < width; column += Lanes)
        {
            if (Vector256.IsHardwareAccelerated)
                Narrow256(row, panel + column, panelStride, sums + column, depth, first);
            else
                Narrow128(row, panel + column, panelStride, sums + column, depth, first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row512(float* row, float* p, int panelStride, float* s, int depth, bool first)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        if (!first)
        {
            a0 = Vector512.Load(s);
            a1 = Vector512.Load(s + 16);
            a2 = Vector512.Load(s + 32);
            a3 = Vector512.Load(s + 48);
        }
        for (float* end = row + depth; row < end; row++, p += panelStride)
        {
            Vector512<float> w = Vector512.Create(row[0]);
            a0 = Vector512.FusedMultiplyAdd(w, Vector512.Load(p), a0);
            a1 = Vector512.FusedMultiplyAdd(w, Vector512.Load(p + 16), a1);
            a2 = Vector512.FusedMultiplyAdd(w, Vector512.Load(p + 32), a2);
            a3 = Vector512.FusedMultiplyAdd(w, Vector512.Load(p + 48), a3);
        }
        a0.Store(s);
        a1.Store(s + 16);
        a2.Store(s + 32);
        a3.Store(s + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row256(float* row, float* p, int panelStride, float* s, int depth, bool first)
    {
        Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        if (!first)
        {
            a0 = Vector256.Load(s);
            a1 = Vector256.Load(s + 8);
            a2 = Vector256.Load(s + 16);
            a3 = Vector256.Load(s + 24);
            a4 = Vector256.Load(s + 32);
            a5 = Vector256.Load(s + 40);
            a6 = Vector256.Load(s + 48);
            a7 = Vector256.Load(s + 56);
        }
        for (float* end = row + depth; row < end; row++, p += panelStride)
        {
            Vector256<float> w = Vector256.Create(row[0]);
            a0 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p), a0);
            a1 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 8), a1);
            a2 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 16), a2);
            a3 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 24), a3);
            a4 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 32), a4);
            a5 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 40), a5);
            a6 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 48), a6);
            a7 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 56), a7);
        }
        a0.Store(s);
        a1.Store(s + 8);
        a2.Store(s + 16);
        a3.Store(s + 24);
        a4.Store(s + 32);
        a5.Store(s + 40);
        a6.Store(s + 48);
        a7.Store(s + 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow256(float* row, float* p, int panelStride, float* s, int depth, bool first)
    {
        Vector256<float> a0 = first ? default : Vector256.Load(s), a1 = first ? default : Vector256.Load(s + 8);
        for (float* end = row + depth; row < end; row++, p += panelStride)
        {
            Vector256<float> w = Vector256.Create(row[0]);
            a0 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p), a0);
            a1 = Vector256.MultiplyAddEstimate(w, Vector256.Load(p + 8), a1);
        }
        a0.Store(s);
        a1.Store(s + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow128(float* row, float* p, int panelStride, float* s, int depth, bool first)
    {
        Vector128<float> a0 = default, a1 = default, a2 = default, a3 = default;
        if (!first)
        {
            a0 = Vector128.Load(s);
            a1 = Vector128.Load(s + 4);
            a2 = Vector128.Load(s + 8);
            a3 = Vector128.Load(s + 12);
        }
        for (float* end = row + depth; row < end; row++, p += panelStride)
        {
            Vector128<float> w = Vector128.Create(row[0]);
            a0 = Vector128.MultiplyAddEstimate(w, Vector128.Load(p), a0);
            a1 = Vector128.MultiplyAddEstimate(w, Vector128.Load(p + 4), a1);
            a2 = Vector128.MultiplyAddEstimate(w, Vector128.Load(p + 8), a2);
            a3 = Vector128.MultiplyAddEstimate(w, Vector128.Load(p + 12), a3);
        }
        a0.Store(s);
        a1.Store(s + 4);
        a2.Store(s + 8);
        a3.Store(s + 12);
    }
}
