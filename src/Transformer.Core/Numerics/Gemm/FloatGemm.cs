using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// y = x·Wᵀ for many tokens, in single precision: some rows of weights are decoded once into scratch and multiplied with
/// every panel of tokens.
/// </summary>
/// <remarks>Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication", with tokens in the lanes.</remarks>
internal static unsafe class FloatGemm
{
    /// <summary>Most rows of weights computed in one call: a multiple of a tile's.</summary>
    public const int RowBlock = 48;

    /// <summary>Fewest tokens for which this is worth it; fewer are computed row by row.</summary>
    public const int FewestTokens = 16;

    /// <summary>Features decoded at once: a multiple of every format's block.</summary>
    private const int Depth = 512;

    /// <summary>Floats from one decoded row to the next; not a power of two, or the rows of a tile would share a cache set.</summary>
    internal const int RowStride = Depth + 16;

    /// <summary>
    /// Rows decoded at once. A tile of many tokens takes so long that panels may come from the second-level cache and the
    /// rows of one tile stay in the nearest one; if tiles are narrow it is the other way round.
    /// </summary>
    private static int DecodedRows => FloatTile.Tokens >= 64 ? FloatTile.Rows : RowBlock;

    /// <summary>Scratch that one thread needs, in floats.</summary>
    public static int ScratchLength(int tokens) => (DecodedRows * RowStride) + (RowBlock * TokenPanels.Pad(tokens));

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
        int step = DecodedRows;
        Span<float> decoded = scratch[..(step * RowStride)];
        fixed (byte* from = weights)
        fixed (float* w = decoded)
        fixed (float* sums = scratch[(step * RowStride)..])
        {
            for (int start = 0; start < x.Columns; start += Depth)
            {
                int length = Math.Min(Depth, x.Columns - start);
                int offset = start / TFormat.BlockLength * TFormat.BlockBytes;
                int bytes = length / TFormat.BlockLength * TFormat.BlockBytes;
                for (int first = 0; first < rows; first += step)
                {
                    int end = Math.Min(first + step, rows);
                    for (int row = first; row < end; row++)
                        TFormat.Decode(weights.Slice((row * rowBytes) + offset, bytes), decoded.Slice((row - first) * RowStride, length));

                    // While tiles are computed memory brings the next rows, which are too short for the processor to foresee.
                    byte* next = end < rows ? from + (end * rowBytes) + offset
                        : start + Depth < x.Columns ? from + offset + bytes
                        : from + (rows * rowBytes);
                    for (int token = 0; token < padded; token += TokenPanels.Width(token, padded))
                    {
                        int width = TokenPanels.Width(token, padded);
                        Prefetch(next, step, rowBytes, (int)((long)bytes * token / padded), (int)((long)bytes * (token + width) / padded));
                        fixed (float* panel = x.Panel(token))
                        {
                            for (int row = first; row < end; row += FloatTile.Rows)
                                FloatTile.Compute(w + ((row - first) * RowStride), panel + ((nint)start * width), width, width, sums + (row * padded) + token, padded, length, start == 0);
                        }
                    }
                }
            }
        }
        return new MatrixSpan(scratch.Slice(step * RowStride, rows * padded), rows, padded);
    }

    /// <summary>Asks for the bytes <paramref name="start"/> to <paramref name="end"/> of each of some rows; what lies behind the weights does no harm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* rows, int count, nint rowBytes, int start, int end)
    {
        for (int row = 0; Sse.IsSupported && row < count; row++, rows += rowBytes)
            for (int i = start; i < end; i += 64)
                Sse.Prefetch1(rows + i);
    }
}
