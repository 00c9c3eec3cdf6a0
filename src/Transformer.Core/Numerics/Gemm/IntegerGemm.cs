using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// y = x·Wᵀ for several tokens over integers: a block of rows of weights is taken apart once into scratch that stays in
/// the nearest caches and multiplied with every panel of tokens. The counterpart of <see cref="FloatGemm"/>.
/// </summary>
internal static unsafe class IntegerGemm
{
    /// <summary>Rows of weights taken apart at once.</summary>
    public const int RowBlock = FloatGemm.RowBlock;

    /// <summary>Fewest tokens for which this is worth it; fewer are computed row by row.</summary>
    public const int FewestTokens = 4;

    /// <summary>Features taken apart at once: a multiple of every format's block.</summary>
    private const int Depth = 512;

    // Not a power of two, or the rows of a tile would share a cache set.
    private const int QuantStride = Depth + 64;
    private const int GroupStride = Depth / 16;

    /// <summary>Scratch that one thread needs, in floats.</summary>
    public static int ScratchLength(ActivationForm form, int tokens) =>
        RowBlock * ((QuantBytes(form) / sizeof(float)) + (2 * GroupStride) + QuantizedPanels.Pad(tokens));

    /// <summary>Computes some rows, at most <see cref="RowBlock"/>, on the calling thread.</summary>
    /// <param name="weights">The rows' blocks, row after row.</param>
    /// <param name="x">The activations, in the format's form.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <returns>[rows, padded tokens], in the scratch.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MatrixSpan Compute<TFormat>(ReadOnlySpan<byte> weights, QuantizedPanels x, int rows, Span<float> scratch)
        where TFormat : struct, IIntegerFormat
    {
        int padded = x.PaddedTokens;
        int perToken = QuantizedPanels.BytesPerToken(TFormat.Activations);
        nint quantBytes = QuantBytes(TFormat.Activations);
        nint rowBytes = (nint)x.Columns / TFormat.BlockLength * TFormat.BlockBytes;
        fixed (byte* source = weights)
        fixed (float* scales = scratch)
        {
            float* minimums = scales + (RowBlock * GroupStride);
            float* sums = minimums + (RowBlock * GroupStride);
            byte* quants = (byte*)(sums + ((nint)RowBlock * padded));
            for (int start = 0; start < x.Columns; start += Depth)
            {
                int length = Math.Min(Depth, x.Columns - start);
                byte* piece = source + ((nint)start / TFormat.BlockLength * TFormat.BlockBytes);
                nint pieceBytes = (nint)length / TFormat.BlockLength * TFormat.BlockBytes;
                for (nint row = 0; row < rows; row++)
                    TFormat.Unpack(piece + (row * rowBytes), length, quants + (row * quantBytes), scales + (row * GroupStride), minimums + (row * GroupStride));

                // The piece after this one is fetched from memory while this one is multiplied; behind the last rows
                // that asks for what is not there, which does no harm.
                byte* next = start + Depth < x.Columns ? piece + pieceBytes : source + (rows * rowBytes);

                for (int token = 0; token < padded; token += QuantizedPanels.Width(token, padded))
                {
                    int width = QuantizedPanels.Width(token, padded);
                    byte* panel = x.Panel(token) + ((nint)start / BlockQuantizer.Length * width * perToken);
                    for (nint row = 0; row < rows; row += TileRows)
                    {
                        if (token == 0)
                            Prefetch(next + (row * rowBytes), TileRows, rowBytes, pieceBytes);
                        nint group = row * GroupStride;
                        Tile<TFormat>(quants + (row * quantBytes), quantBytes, scales + group, minimums + group, panel, width, length / BlockQuantizer.Length, sums + (row * padded) + token, padded, start == 0);
                    }
                }
            }
        }
        return new MatrixSpan(scratch.Slice(2 * RowBlock * GroupStride, rows * padded), rows, padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* rows, int count, nint rowBytes, nint bytes)
    {
        for (int row = 0; Sse.IsSupported && row < count; row++, rows += rowBytes)
            for (nint line = 0; line < bytes; line += 64)
                Sse.Prefetch1(rows + line);
    }

    private static int TileRows => Int8Tile512.IsSupported ? Int8Tile512.Rows : IntegerTile256.Rows;

    private static int QuantBytes(ActivationForm form) => form == ActivationForm.Int8 ? QuantStride : 2 * QuantStride;

    private static void Tile<TFormat>(byte* quants, nint quantStride, float* scales, float* minimums, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        if (TFormat.Activations == ActivationForm.Int8)
        {
            if (Int8Tile512.IsSupported)
                Int8Tile512.Compute<TFormat>(quants, quantStride, scales, minimums, GroupStride, panel, width, blocks, sums, sumStride, first);
            else if (!Avx2.IsSupported)
                IntegerTile128.Int8<TFormat>(quants, quantStride, scales, minimums, GroupStride, panel, width, blocks, sums, sumStride, first);
            else
                IntegerTile256.Int8<TFormat>(quants, quantStride, scales, minimums, GroupStride, panel, width, blocks, sums, sumStride, first);
        }
        else if (Int8Tile512.IsSupported)
            Int16Tile512.Compute(quants, quantStride, scales, GroupStride, panel, width, blocks, sums, sumStride, first);
        else if (!Avx2.IsSupported)
            IntegerTile128.Int16(quants, quantStride, scales, GroupStride, panel, width, blocks, sums, sumStride, first);
        else
            IntegerTile256.Int16(quants, quantStride, scales, GroupStride, panel, width, blocks, sums, sumStride, first);
    }
}
