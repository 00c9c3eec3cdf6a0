using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// sums[r, t] += Σ weights[r, k]·panel[k, t] for six rows of weights, on the widest vectors that the processor has.
/// Wider ones than it has work too, but each of their operations becomes a call.
/// </summary>
internal static unsafe class FloatTile
{
    /// <summary>Rows of weights in a tile.</summary>
    public const int Rows = 6;

    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Most tokens in a tile: a power of two times <see cref="Lanes"/>.</summary>
    public static int Tokens =>
        Vector512.IsHardwareAccelerated ? FloatTile512.Tokens
        : Vector256.IsHardwareAccelerated ? FloatTile256.Tokens
        : FloatTile128.Tokens;

    /// <summary>Fewest tokens in a tile.</summary>
    public static int Lanes => Vector512.IsHardwareAccelerated ? 16 : 8;

    /// <summary>Computes one tile, whose panel may be a part of a wider one.</summary>
    /// <param name="weights">Six rows, <see cref="FloatGemm.RowStride"/> apart.</param>
    /// <param name="panel">[length, width] activations.</param>
    /// <param name="panelStride">Floats from one row of the panel to the next.</param>
    /// <param name="width">Tokens of the panel: <see cref="Lanes"/>, doubled until <see cref="Tokens"/>.</param>
    /// <param name="sums">Six rows of sums.</param>
    /// <param name="sumStride">Floats from one row of sums to the next.</param>
    /// <param name="length">Features to add up.</param>
    /// <param name="first">Whether the sums begin at zero rather than at what is there.</param>
    public static void Compute(float* weights, float* panel, int panelStride, int width, float* sums, nint sumStride, int length, bool first)
    {
        if (Vector512.IsHardwareAccelerated)
            FloatTile512.Compute(weights, panel, panelStride, width, sums, sumStride, length, first);
        else if (Vector256.IsHardwareAccelerated)
            FloatTile256.Compute(weights, panel, panelStride, width, sums, sumStride, length, first);
        else if (Vector128.IsHardwareAccelerated)
            FloatTile128.Compute(weights, panel, panelStride, width, sums, sumStride, length, first);
        else
            Scalar(weights, panel, panelStride, width, sums, sumStride, length, first);
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in single precision: what remains without any vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scalar(float* weights, float* panel, int panelStride, int width, float* sums, nint sumStride, int length, bool first)
    {
        for (int row = 0; row < Rows; row++, weights += RowStride, sums += sumStride)
        {
            for (int token = 0; token < width; token += 4)
            {
                float* s = sums + token, x = panel + token;
                float s0 = first ? 0 : s[0], s1 = first ? 0 : s[1], s2 = first ? 0 : s[2], s3 = first ? 0 : s[3];
                for (int k = 0; k < length; k++, x += panelStride)
                {
                    float w = weights[k];
                    s0 += w * x[0];
                    s1 += w * x[1];
                    s2 += w * x[2];
                    s3 += w * x[3];
                }
                s[0] = s0;
                s[1] = s1;
                s[2] = s2;
                s[3] = s3;
            }
        }
    }
}
