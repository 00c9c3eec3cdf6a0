using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// sums[r, t] += Σ weights[r, k]·panel[k, t]: six rows of weights by 16 tokens, tokens in the lanes of 256-bit
/// vectors. The sums are locals, so that the compiler keeps every one of them in a register.
/// </summary>
internal static unsafe class FloatTile256
{
    /// <summary>Rows of weights in a tile.</summary>
    public const int Rows = FloatTile.Rows;

    /// <summary>Most tokens in a tile.</summary>
    public const int Tokens = 16;

    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Computes one tile, whose panel may be a part of a wider one.</summary>
    /// <param name="weights">Six rows, <see cref="FloatGemm.RowStride"/> apart.</param>
    /// <param name="panel">[length, width] activations.</param>
    /// <param name="panelStride">Floats from one row of the panel to the next.</param>
    /// <param name="width">Tokens of the panel: 8 or 16.</param>
    /// <param name="sums">Six rows of sums.</param>
    /// <param name="sumStride">Floats from one row of sums to the next.</param>
    /// <param name="length">Features to add up.</param>
    /// <param name="first">Whether the sums begin at zero rather than at what is there.</param>
    public static void Compute(float* weights, float* panel, int panelStride, int width, float* sums, nint sumStride, int length, bool first)
    {
        if (width == 16)
            Wide2(weights, panel, panelStride, sums, sumStride, length, first);
        else
            Wide1(weights, panel, panelStride, sums, sumStride, length, first);
    }

    /// <summary>16 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide2(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector256<float> c00 = default, c01 = default;
        Vector256<float> c10 = default, c11 = default;
        Vector256<float> c20 = default, c21 = default;
        Vector256<float> c30 = default, c31 = default;
        Vector256<float> c40 = default, c41 = default;
        Vector256<float> c50 = default, c51 = default;
        if (!first)
        {
            c00 = Vector256.Load(sums + (0 * sumStride));
            c01 = Vector256.Load(sums + (0 * sumStride) + 8);
            c10 = Vector256.Load(sums + (1 * sumStride));
            c11 = Vector256.Load(sums + (1 * sumStride) + 8);
            c20 = Vector256.Load(sums + (2 * sumStride));
            c21 = Vector256.Load(sums + (2 * sumStride) + 8);
            c30 = Vector256.Load(sums + (3 * sumStride));
            c31 = Vector256.Load(sums + (3 * sumStride) + 8);
            c40 = Vector256.Load(sums + (4 * sumStride));
            c41 = Vector256.Load(sums + (4 * sumStride) + 8);
            c50 = Vector256.Load(sums + (5 * sumStride));
            c51 = Vector256.Load(sums + (5 * sumStride) + 8);
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector256<float> x0 = Vector256.Load(panel);
            Vector256<float> x1 = Vector256.Load(panel + 8);
            Vector256<float> w = Vector256.Create(weights[0]);
            c00 = Vector256.FusedMultiplyAdd(w, x0, c00);
            c01 = Vector256.FusedMultiplyAdd(w, x1, c01);
            w = Vector256.Create(weights[1 * RowStride]);
            c10 = Vector256.FusedMultiplyAdd(w, x0, c10);
            c11 = Vector256.FusedMultiplyAdd(w, x1, c11);
            w = Vector256.Create(weights[2 * RowStride]);
            c20 = Vector256.FusedMultiplyAdd(w, x0, c20);
            c21 = Vector256.FusedMultiplyAdd(w, x1, c21);
            w = Vector256.Create(weights[3 * RowStride]);
            c30 = Vector256.FusedMultiplyAdd(w, x0, c30);
            c31 = Vector256.FusedMultiplyAdd(w, x1, c31);
            w = Vector256.Create(weights[4 * RowStride]);
            c40 = Vector256.FusedMultiplyAdd(w, x0, c40);
            c41 = Vector256.FusedMultiplyAdd(w, x1, c41);
            w = Vector256.Create(weights[5 * RowStride]);
            c50 = Vector256.FusedMultiplyAdd(w, x0, c50);
            c51 = Vector256.FusedMultiplyAdd(w, x1, c51);
        }
        c00.Store(sums + (0 * sumStride));
        c01.Store(sums + (0 * sumStride) + 8);
        c10.Store(sums + (1 * sumStride));
        c11.Store(sums + (1 * sumStride) + 8);
        c20.Store(sums + (2 * sumStride));
        c21.Store(sums + (2 * sumStride) + 8);
        c30.Store(sums + (3 * sumStride));
        c31.Store(sums + (3 * sumStride) + 8);
        c40.Store(sums + (4 * sumStride));
        c41.Store(sums + (4 * sumStride) + 8);
        c50.Store(sums + (5 * sumStride));
        c51.Store(sums + (5 * sumStride) + 8);
    }

    /// <summary>8 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide1(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector256<float> c00 = default;
        Vector256<float> c10 = default;
        Vector256<float> c20 = default;
        Vector256<float> c30 = default;
        Vector256<float> c40 = default;
        Vector256<float> c50 = default;
        if (!first)
        {
            c00 = Vector256.Load(sums + (0 * sumStride));
            c10 = Vector256.Load(sums + (1 * sumStride));
            c20 = Vector256.Load(sums + (2 * sumStride));
            c30 = Vector256.Load(sums + (3 * sumStride));
            c40 = Vector256.Load(sums + (4 * sumStride));
            c50 = Vector256.Load(sums + (5 * sumStride));
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector256<float> x0 = Vector256.Load(panel);
            Vector256<float> w = Vector256.Create(weights[0]);
            c00 = Vector256.FusedMultiplyAdd(w, x0, c00);
            w = Vector256.Create(weights[1 * RowStride]);
            c10 = Vector256.FusedMultiplyAdd(w, x0, c10);
            w = Vector256.Create(weights[2 * RowStride]);
            c20 = Vector256.FusedMultiplyAdd(w, x0, c20);
            w = Vector256.Create(weights[3 * RowStride]);
            c30 = Vector256.FusedMultiplyAdd(w, x0, c30);
            w = Vector256.Create(weights[4 * RowStride]);
            c40 = Vector256.FusedMultiplyAdd(w, x0, c40);
            w = Vector256.Create(weights[5 * RowStride]);
            c50 = Vector256.FusedMultiplyAdd(w, x0, c50);
        }
        c00.Store(sums + (0 * sumStride));
        c10.Store(sums + (1 * sumStride));
        c20.Store(sums + (2 * sumStride));
        c30.Store(sums + (3 * sumStride));
        c40.Store(sums + (4 * sumStride));
        c50.Store(sums + (5 * sumStride));
    }
}
