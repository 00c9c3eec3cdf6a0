using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// sums[r, t] += Σ weights[r, k]·panel[k, t]: six rows of weights by 8 or 16 tokens, tokens in the lanes of 128-bit
/// vectors. The sums are locals, so that the compiler keeps every one of them in a register.
/// </summary>
/// <remarks>
/// Arm has 32 registers, enough for the sums of 16 tokens; x64 without AVX-512 has 16, enough for those of 8. x64 without
/// AVX2 has no fused multiply-add here, and emulating one takes a library call a lane: there, products are rounded.
/// </remarks>
internal static unsafe class FloatTile128
{
    /// <summary>Rows of weights in a tile.</summary>
    public const int Rows = FloatTile.Rows;

    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Most tokens in a tile.</summary>
    public static int Tokens => AdvSimd.IsSupported ? 16 : 8;

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
            Wide4(weights, panel, panelStride, sums, sumStride, length, first);
        else
            Wide2(weights, panel, panelStride, sums, sumStride, length, first);
    }

    /// <summary>16 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide4(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector128<float> c00 = default, c01 = default, c02 = default, c03 = default;
        Vector128<float> c10 = default, c11 = default, c12 = default, c13 = default;
        Vector128<float> c20 = default, c21 = default, c22 = default, c23 = default;
        Vector128<float> c30 = default, c31 = default, c32 = default, c33 = default;
        Vector128<float> c40 = default, c41 = default, c42 = default, c43 = default;
        Vector128<float> c50 = default, c51 = default, c52 = default, c53 = default;
        if (!first)
        {
            c00 = Vector128.Load(sums + (0 * sumStride));
            c01 = Vector128.Load(sums + (0 * sumStride) + 4);
            c02 = Vector128.Load(sums + (0 * sumStride) + 8);
            c03 = Vector128.Load(sums + (0 * sumStride) + 12);
            c10 = Vector128.Load(sums + (1 * sumStride));
            c11 = Vector128.Load(sums + (1 * sumStride) + 4);
            c12 = Vector128.Load(sums + (1 * sumStride) + 8);
            c13 = Vector128.Load(sums + (1 * sumStride) + 12);
            c20 = Vector128.Load(sums + (2 * sumStride));
            c21 = Vector128.Load(sums + (2 * sumStride) + 4);
            c22 = Vector128.Load(sums + (2 * sumStride) + 8);
            c23 = Vector128.Load(sums + (2 * sumStride) + 12);
            c30 = Vector128.Load(sums + (3 * sumStride));
            c31 = Vector128.Load(sums + (3 * sumStride) + 4);
            c32 = Vector128.Load(sums + (3 * sumStride) + 8);
            c33 = Vector128.Load(sums + (3 * sumStride) + 12);
            c40 = Vector128.Load(sums + (4 * sumStride));
            c41 = Vector128.Load(sums + (4 * sumStride) + 4);
            c42 = Vector128.Load(sums + (4 * sumStride) + 8);
            c43 = Vector128.Load(sums + (4 * sumStride) + 12);
            c50 = Vector128.Load(sums + (5 * sumStride));
            c51 = Vector128.Load(sums + (5 * sumStride) + 4);
            c52 = Vector128.Load(sums + (5 * sumStride) + 8);
            c53 = Vector128.Load(sums + (5 * sumStride) + 12);
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector128<float> x0 = Vector128.Load(panel);
            Vector128<float> x1 = Vector128.Load(panel + 4);
            Vector128<float> x2 = Vector128.Load(panel + 8);
            Vector128<float> x3 = Vector128.Load(panel + 12);
            Vector128<float> w = Vector128.Create(weights[0]);
            c00 = Vector128.MultiplyAddEstimate(w, x0, c00);
            c01 = Vector128.MultiplyAddEstimate(w, x1, c01);
            c02 = Vector128.MultiplyAddEstimate(w, x2, c02);
            c03 = Vector128.MultiplyAddEstimate(w, x3, c03);
            w = Vector128.Create(weights[1 * RowStride]);
            c10 = Vector128.MultiplyAddEstimate(w, x0, c10);
            c11 = Vector128.MultiplyAddEstimate(w, x1, c11);
            c12 = Vector128.MultiplyAddEstimate(w, x2, c12);
            c13 = Vector128.MultiplyAddEstimate(w, x3, c13);
            w = Vector128.Create(weights[2 * RowStride]);
            c20 = Vector128.MultiplyAddEstimate(w, x0, c20);
            c21 = Vector128.MultiplyAddEstimate(w, x1, c21);
            c22 = Vector128.MultiplyAddEstimate(w, x2, c22);
            c23 = Vector128.MultiplyAddEstimate(w, x3, c23);
            w = Vector128.Create(weights[3 * RowStride]);
            c30 = Vector128.MultiplyAddEstimate(w, x0, c30);
            c31 = Vector128.MultiplyAddEstimate(w, x1, c31);
            c32 = Vector128.MultiplyAddEstimate(w, x2, c32);
            c33 = Vector128.MultiplyAddEstimate(w, x3, c33);
            w = Vector128.Create(weights[4 * RowStride]);
            c40 = Vector128.MultiplyAddEstimate(w, x0, c40);
            c41 = Vector128.MultiplyAddEstimate(w, x1, c41);
            c42 = Vector128.MultiplyAddEstimate(w, x2, c42);
            c43 = Vector128.MultiplyAddEstimate(w, x3, c43);
            w = Vector128.Create(weights[5 * RowStride]);
            c50 = Vector128.MultiplyAddEstimate(w, x0, c50);
            c51 = Vector128.MultiplyAddEstimate(w, x1, c51);
            c52 = Vector128.MultiplyAddEstimate(w, x2, c52);
            c53 = Vector128.MultiplyAddEstimate(w, x3, c53);
        }
        c00.Store(sums + (0 * sumStride));
        c01.Store(sums + (0 * sumStride) + 4);
        c02.Store(sums + (0 * sumStride) + 8);
        c03.Store(sums + (0 * sumStride) + 12);
        c10.Store(sums + (1 * sumStride));
        c11.Store(sums + (1 * sumStride) + 4);
        c12.Store(sums + (1 * sumStride) + 8);
        c13.Store(sums + (1 * sumStride) + 12);
        c20.Store(sums + (2 * sumStride));
        c21.Store(sums + (2 * sumStride) + 4);
        c22.Store(sums + (2 * sumStride) + 8);
        c23.Store(sums + (2 * sumStride) + 12);
        c30.Store(sums + (3 * sumStride));
        c31.Store(sums + (3 * sumStride) + 4);
        c32.Store(sums + (3 * sumStride) + 8);
        c33.Store(sums + (3 * sumStride) + 12);
        c40.Store(sums + (4 * sumStride));
        c41.Store(sums + (4 * sumStride) + 4);
        c42.Store(sums + (4 * sumStride) + 8);
        c43.Store(sums + (4 * sumStride) + 12);
        c50.Store(sums + (5 * sumStride));
        c51.Store(sums + (5 * sumStride) + 4);
        c52.Store(sums + (5 * sumStride) + 8);
        c53.Store(sums + (5 * sumStride) + 12);
    }

    /// <summary>8 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide2(float* weights, float* panel, int panelWidth, float* sums, nint sumStride, int length, bool first)
    {
        Vector128<float> c00 = default, c01 = default;
        Vector128<float> c10 = default, c11 = default;
        Vector128<float> c20 = default, c21 = default;
        Vector128<float> c30 = default, c31 = default;
        Vector128<float> c40 = default, c41 = default;
        Vector128<float> c50 = default, c51 = default;
        if (!first)
        {
            c00 = Vector128.Load(sums + (0 * sumStride));
            c01 = Vector128.Load(sums + (0 * sumStride) + 4);
            c10 = Vector128.Load(sums + (1 * sumStride));
            c11 = Vector128.Load(sums + (1 * sumStride) + 4);
            c20 = Vector128.Load(sums + (2 * sumStride));
            c21 = Vector128.Load(sums + (2 * sumStride) + 4);
            c30 = Vector128.Load(sums + (3 * sumStride));
            c31 = Vector128.Load(sums + (3 * sumStride) + 4);
            c40 = Vector128.Load(sums + (4 * sumStride));
            c41 = Vector128.Load(sums + (4 * sumStride) + 4);
            c50 = Vector128.Load(sums + (5 * sumStride));
            c51 = Vector128.Load(sums + (5 * sumStride) + 4);
        }
        for (float* end = weights + length; weights < end; weights++, panel += panelWidth)
        {
            Vector128<float> x0 = Vector128.Load(panel);
            Vector128<float> x1 = Vector128.Load(panel + 4);
            Vector128<float> w = Vector128.Create(weights[0]);
            c00 = Vector128.MultiplyAddEstimate(w, x0, c00);
            c01 = Vector128.MultiplyAddEstimate(w, x1, c01);
            w = Vector128.Create(weights[1 * RowStride]);
            c10 = Vector128.MultiplyAddEstimate(w, x0, c10);
            c11 = Vector128.MultiplyAddEstimate(w, x1, c11);
            w = Vector128.Create(weights[2 * RowStride]);
            c20 = Vector128.MultiplyAddEstimate(w, x0, c20);
            c21 = Vector128.MultiplyAddEstimate(w, x1, c21);
            w = Vector128.Create(weights[3 * RowStride]);
            c30 = Vector128.MultiplyAddEstimate(w, x0, c30);
            c31 = Vector128.MultiplyAddEstimate(w, x1, c31);
            w = Vector128.Create(weights[4 * RowStride]);
            c40 = Vector128.MultiplyAddEstimate(w, x0, c40);
            c41 = Vector128.MultiplyAddEstimate(w, x1, c41);
            w = Vector128.Create(weights[5 * RowStride]);
            c50 = Vector128.MultiplyAddEstimate(w, x0, c50);
            c51 = Vector128.MultiplyAddEstimate(w, x1, c51);
        }
        c00.Store(sums + (0 * sumStride));
        c01.Store(sums + (0 * sumStride) + 4);
        c10.Store(sums + (1 * sumStride));
        c11.Store(sums + (1 * sumStride) + 4);
        c20.Store(sums + (2 * sumStride));
        c21.Store(sums + (2 * sumStride) + 4);
        c30.Store(sums + (3 * sumStride));
        c31.Store(sums + (3 * sumStride) + 4);
        c40.Store(sums + (4 * sumStride));
        c41.Store(sums + (4 * sumStride) + 4);
        c50.Store(sums + (5 * sumStride));
        c51.Store(sums + (5 * sumStride) + 4);
    }
}
