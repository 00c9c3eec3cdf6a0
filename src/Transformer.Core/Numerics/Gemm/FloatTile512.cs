using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// sums[r, t] += Σ weights[r, k]·panel[k, t]: six rows of weights by 64 tokens, tokens in the lanes of 512-bit
/// vectors. The sums are locals, so that the compiler keeps every one of them in a register.
/// </summary>
internal static unsafe class FloatTile512
{
    /// <summary>Rows of weights in a tile.</summary>
    public const int Rows = FloatTile.Rows;

    /// <summary>Most tokens in a tile.</summary>
    public const int Tokens = 64;

    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Computes one tile, whose panel may be a part of a wider one.</summary>
    /// <param name="weights">Six rows, <see cref="FloatGemm.RowStride"/> apart.</param>
    /// <param name="panel">[length, width] activations.</param>
    /// <param name="panelStride">Floats from one row of the panel to the next.</param>
    /// <param name="width">Tokens of the panel: 16, 32 or 64.</param>
    /// <param name="sums">Six rows of sums.</param>
    /// <param name="sumStride">Floats from one row of sums to the next.</param>
    /// <param name="length">Features to add up.</param>
    /// <param name="first">Whether the sums begin at zero rather than at what is there.</param>
    public static void Compute(float* weights, float* panel, int panelStride, int width, float* sums, nint sumStride, int length, bool first)
    {
        switch (width)
        {
            case 64:
                Wide4(weights, panel, panelStride, sums, sumStride, length, first);
                break;
            case 32:
                Wide2(weights, panel, panelStride, sums, sumStride, length, first);
                break;
            default:
                Wide1(weights, panel, panelStride, sums, sumStride, length, first);
                break;
        }
    }

    /// <summary>64 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide4(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector512<float> c00 = default, c01 = default, c02 = default, c03 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default, c13 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default, c23 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default, c33 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default, c43 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default, c53 = default;
        if (!first)
        {
            c00 = Vector512.Load(sums + (0 * sumStride));
            c01 = Vector512.Load(sums + (0 * sumStride) + 16);
            c02 = Vector512.Load(sums + (0 * sumStride) + 32);
            c03 = Vector512.Load(sums + (0 * sumStride) + 48);
            c10 = Vector512.Load(sums + (1 * sumStride));
            c11 = Vector512.Load(sums + (1 * sumStride) + 16);
            c12 = Vector512.Load(sums + (1 * sumStride) + 32);
            c13 = Vector512.Load(sums + (1 * sumStride) + 48);
            c20 = Vector512.Load(sums + (2 * sumStride));
            c21 = Vector512.Load(sums + (2 * sumStride) + 16);
            c22 = Vector512.Load(sums + (2 * sumStride) + 32);
            c23 = Vector512.Load(sums + (2 * sumStride) + 48);
            c30 = Vector512.Load(sums + (3 * sumStride));
            c31 = Vector512.Load(sums + (3 * sumStride) + 16);
            c32 = Vector512.Load(sums + (3 * sumStride) + 32);
            c33 = Vector512.Load(sums + (3 * sumStride) + 48);
            c40 = Vector512.Load(sums + (4 * sumStride));
            c41 = Vector512.Load(sums + (4 * sumStride) + 16);
            c42 = Vector512.Load(sums + (4 * sumStride) + 32);
            c43 = Vector512.Load(sums + (4 * sumStride) + 48);
            c50 = Vector512.Load(sums + (5 * sumStride));
            c51 = Vector512.Load(sums + (5 * sumStride) + 16);
            c52 = Vector512.Load(sums + (5 * sumStride) + 32);
            c53 = Vector512.Load(sums + (5 * sumStride) + 48);
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector512<float> x0 = Vector512.Load(panel);
            Vector512<float> x1 = Vector512.Load(panel + 16);
            Vector512<float> x2 = Vector512.Load(panel + 32);
            Vector512<float> x3 = Vector512.Load(panel + 48);
            Vector512<float> w = Vector512.Create(weights[0]);
            c00 = Vector512.FusedMultiplyAdd(w, x0, c00);
            c01 = Vector512.FusedMultiplyAdd(w, x1, c01);
            c02 = Vector512.FusedMultiplyAdd(w, x2, c02);
            c03 = Vector512.FusedMultiplyAdd(w, x3, c03);
            w = Vector512.Create(weights[1 * RowStride]);
            c10 = Vector512.FusedMultiplyAdd(w, x0, c10);
            c11 = Vector512.FusedMultiplyAdd(w, x1, c11);
            c12 = Vector512.FusedMultiplyAdd(w, x2, c12);
            c13 = Vector512.FusedMultiplyAdd(w, x3, c13);
            w = Vector512.Create(weights[2 * RowStride]);
            c20 = Vector512.FusedMultiplyAdd(w, x0, c20);
            c21 = Vector512.FusedMultiplyAdd(w, x1, c21);
            c22 = Vector512.FusedMultiplyAdd(w, x2, c22);
            c23 = Vector512.FusedMultiplyAdd(w, x3, c23);
            w = Vector512.Create(weights[3 * RowStride]);
            c30 = Vector512.FusedMultiplyAdd(w, x0, c30);
            c31 = Vector512.FusedMultiplyAdd(w, x1, c31);
            c32 = Vector512.FusedMultiplyAdd(w, x2, c32);
            c33 = Vector512.FusedMultiplyAdd(w, x3, c33);
            w = Vector512.Create(weights[4 * RowStride]);
            c40 = Vector512.FusedMultiplyAdd(w, x0, c40);
            c41 = Vector512.FusedMultiplyAdd(w, x1, c41);
            c42 = Vector512.FusedMultiplyAdd(w, x2, c42);
            c43 = Vector512.FusedMultiplyAdd(w, x3, c43);
            w = Vector512.Create(weights[5 * RowStride]);
            c50 = Vector512.FusedMultiplyAdd(w, x0, c50);
            c51 = Vector512.FusedMultiplyAdd(w, x1, c51);
            c52 = Vector512.FusedMultiplyAdd(w, x2, c52);
            c53 = Vector512.FusedMultiplyAdd(w, x3, c53);
        }
        c00.Store(sums + (0 * sumStride));
        c01.Store(sums + (0 * sumStride) + 16);
        c02.Store(sums + (0 * sumStride) + 32);
        c03.Store(sums + (0 * sumStride) + 48);
        c10.Store(sums + (1 * sumStride));
        c11.Store(sums + (1 * sumStride) + 16);
        c12.Store(sums + (1 * sumStride) + 32);
        c13.Store(sums + (1 * sumStride) + 48);
        c20.Store(sums + (2 * sumStride));
        c21.Store(sums + (2 * sumStride) + 16);
        c22.Store(sums + (2 * sumStride) + 32);
        c23.Store(sums + (2 * sumStride) + 48);
        c30.Store(sums + (3 * sumStride));
        c31.Store(sums + (3 * sumStride) + 16);
        c32.Store(sums + (3 * sumStride) + 32);
        c33.Store(sums + (3 * sumStride) + 48);
        c40.Store(sums + (4 * sumStride));
        c41.Store(sums + (4 * sumStride) + 16);
        c42.Store(sums + (4 * sumStride) + 32);
        c43.Store(sums + (4 * sumStride) + 48);
        c50.Store(sums + (5 * sumStride));
        c51.Store(sums + (5 * sumStride) + 16);
        c52.Store(sums + (5 * sumStride) + 32);
        c53.Store(sums + (5 * sumStride) + 48);
    }

    /// <summary>32 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide2(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector512<float> c00 = default, c01 = default;
        Vector512<float> c10 = default, c11 = default;
        Vector512<float> c20 = default, c21 = default;
        Vector512<float> c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default;
        Vector512<float> c50 = default, c51 = default;
        if (!first)
        {
            c00 = Vector512.Load(sums + (0 * sumStride));
            c01 = Vector512.Load(sums + (0 * sumStride) + 16);
            c10 = Vector512.Load(sums + (1 * sumStride));
            c11 = Vector512.Load(sums + (1 * sumStride) + 16);
            c20 = Vector512.Load(sums + (2 * sumStride));
            c21 = Vector512.Load(sums + (2 * sumStride) + 16);
            c30 = Vector512.Load(sums + (3 * sumStride));
            c31 = Vector512.Load(sums + (3 * sumStride) + 16);
            c40 = Vector512.Load(sums + (4 * sumStride));
            c41 = Vector512.Load(sums + (4 * sumStride) + 16);
            c50 = Vector512.Load(sums + (5 * sumStride));
            c51 = Vector512.Load(sums + (5 * sumStride) + 16);
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector512<float> x0 = Vector512.Load(panel);
            Vector512<float> x1 = Vector512.Load(panel + 16);
            Vector512<float> w = Vector512.Create(weights[0]);
            c00 = Vector512.FusedMultiplyAdd(w, x0, c00);
            c01 = Vector512.FusedMultiplyAdd(w, x1, c01);
            w = Vector512.Create(weights[1 * RowStride]);
            c10 = Vector512.FusedMultiplyAdd(w, x0, c10);
            c11 = Vector512.FusedMultiplyAdd(w, x1, c11);
            w = Vector512.Create(weights[2 * RowStride]);
            c20 = Vector512.FusedMultiplyAdd(w, x0, c20);
            c21 = Vector512.FusedMultiplyAdd(w, x1, c21);
            w = Vector512.Create(weights[3 * RowStride]);
            c30 = Vector512.FusedMultiplyAdd(w, x0, c30);
            c31 = Vector512.FusedMultiplyAdd(w, x1, c31);
            w = Vector512.Create(weights[4 * RowStride]);
            c40 = Vector512.FusedMultiplyAdd(w, x0, c40);
            c41 = Vector512.FusedMultiplyAdd(w, x1, c41);
            w = Vector512.Create(weights[5 * RowStride]);
            c50 = Vector512.FusedMultiplyAdd(w, x0, c50);
            c51 = Vector512.FusedMultiplyAdd(w, x1, c51);
        }
        c00.Store(sums + (0 * sumStride));
        c01.Store(sums + (0 * sumStride) + 16);
        c10.Store(sums + (1 * sumStride));
        c11.Store(sums + (1 * sumStride) + 16);
        c20.Store(sums + (2 * sumStride));
        c21.Store(sums + (2 * sumStride) + 16);
        c30.Store(sums + (3 * sumStride));
        c31.Store(sums + (3 * sumStride) + 16);
        c40.Store(sums + (4 * sumStride));
        c41.Store(sums + (4 * sumStride) + 16);
        c50.Store(sums + (5 * sumStride));
        c51.Store(sums + (5 * sumStride) + 16);
    }

    /// <summary>16 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide1(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector512<float> c00 = default;
        Vector512<float> c10 = default;
        Vector512<float> c20 = default;
        Vector512<float> c30 = default;
        Vector512<float> c40 = default;
        Vector512<float> c50 = default;
        if (!first)
        {
            c00 = Vector512.Load(sums + (0 * sumStride));
            c10 = Vector512.Load(sums + (1 * sumStride));
            c20 = Vector512.Load(sums + (2 * sumStride));
            c30 = Vector512.Load(sums + (3 * sumStride));
            c40 = Vector512.Load(sums + (4 * sumStride));
            c50 = Vector512.Load(sums + (5 * sumStride));
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector512<float> x0 = Vector512.Load(panel);
            Vector512<float> w = Vector512.Create(weights[0]);
            c00 = Vector512.FusedMultiplyAdd(w, x0, c00);
            w = Vector512.Create(weights[1 * RowStride]);
            c10 = Vector512.FusedMultiplyAdd(w, x0, c10);
            w = Vector512.Create(weights[2 * RowStride]);
            c20 = Vector512.FusedMultiplyAdd(w, x0, c20);
            w = Vector512.Create(weights[3 * RowStride]);
            c30 = Vector512.FusedMultiplyAdd(w, x0, c30);
            w = Vector512.Create(weights[4 * RowStride]);
            c40 = Vector512.FusedMultiplyAdd(w, x0, c40);
            w = Vector512.Create(weights[5 * RowStride]);
            c50 = Vector512.FusedMultiplyAdd(w, x0, c50);
        }
        c00.Store(sums + (0 * sumStride));
        c10.Store(sums + (1 * sumStride));
        c20.Store(sums + (2 * sumStride));
        c30.Store(sums + (3 * sumStride));
        c40.Store(sums + (4 * sumStride));
        c50.Store(sums + (5 * sumStride));
    }
}
