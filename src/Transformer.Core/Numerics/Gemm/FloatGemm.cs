using System.Runtime.CompilerServices;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// y = x·Wᵀ for many tokens, in single precision: a block of rows of weights is decoded once into scratch that stays
/// in the second-level cache and multiplied with every panel of tokens.
/// </summary>
/// <remarks>Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication", with tokens in the lanes.</remarks>
internal static unsafe class FloatGemm
{
    /// <summary>Rows of weights decoded at once: a multiple of a tile's.</summary>
    public const int RowBlock = 48;

    /// <summary>Fewest tokens for which this is worth it; fewer are computed row by row.</summary>
    public const int FewestTokens = 16;

    /// <summary>Features decoded at once: a multiple of every format's block.</summary>
    private const int Depth = 512;

    /// <summary>Floats from one decoded row to the next; not a power of two, or the rows of a tile would share a cache set.</summary>
    internal const int RowStride = Depth + 16;

    /// <summary>Scratch that one thread needs, in floats.</summary>
    public static int ScratchLength(int tokens) => RowBlock * (RowStride + TokenPanels.Pad(tokens));

    /// <summary>Computes some rows, at most <see cref="RowBlock"/>, on the calling thread.</summary>
    /// <param name="weights">The rows' blocks, row after row.</param>
    /// <param name="x">The activations.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <returns>[rows, padded tokens], in the scratch.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MatrixSpan Compute<TFormat>(ReadOnlySpan<byte> weights, TokenPanels x, int rows, Span<float> scratch)
        where TFormat : struct, IBlockFormat
    {
        int rowBytes = x.Columns / TFormat.BlockLength * TFormat.BlockBytes;
        int padded = x.PaddedTokens;
        Span<float> decoded = scratch[..(RowBlock * RowStride)];
        fixed (float* w = decoded)
        fixed (float* sums = scratch[(RowBlock * RowStride)..])
        {
            for (int start = 0; start < x.Columns; start += Depth)
            {
                int length = Math.Min(Depth, x.Columns - start);
                int offset = start / TFormat.BlockLength * TFormat.BlockBytes;
                int bytes = length / TFormat.BlockLength * TFormat.BlockBytes;
                for (int row = 0; row < rows; row++)
                    TFormat.Decode(weights.Slice((row * rowBytes) + offset, bytes), decoded.Slice(row * RowStride, length));

                for (int token = 0; token < padded; token += TokenPanels.Width(token, padded))
                {
                    int width = TokenPanels.Width(token, padded);
                    fixed (float* panel = x.Panel(token))
                    {
                        for (int row = 0; row < rows; row += FloatTile.Rows)
                            FloatTile.Compute(w + (row * RowStride), panel + ((nint)start * width), width, width, sums + (row * padded) + token, padded, length, start == 0);
                    }
                }
            }
        }
        return new MatrixSpan(scratch.Slice(RowBlock * RowStride, rows * padded), rows, padded);
    }
}
