using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Interleaved;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights in memory of its own, sixteen rows side by side; compiled once for each format.</summary>
internal sealed unsafe class InterleavedWeightMatrix<TFormat, TInterleaved>(Tensor tensor, TensorMemory memory) : WeightMatrix(tensor, memory)
    where TFormat : struct, IIntegerFormat
    where TInterleaved : struct, IInterleavedFormat<TFormat>
{
    private const int Rows16 = Interleaving.Rows;

    // Rows that stay in a core's second cache while tokens meet them, eight after eight, which stay in its first.
    private const int NearbyBytes = 256 * 1024;

    internal override ActivationForm Activations => TFormat.Activations;

    /// <inheritdoc/>
    /// <remarks>Eight tokens at a time cost less than panels do, and nothing has to be taken apart for them.</remarks>
    internal override bool TakesPanels(int tokens) => false;

    /// <inheritdoc/>
    public override void DecodeRow(int row, Span<float> values)
    {
        byte* block = stackalloc byte[TFormat.BlockBytes];
        fixed (byte* group = Blocks(row / Rows16 * Rows16, Rows16))
        {
            for (int i = 0; i < Columns / TFormat.BlockLength; i++)
            {
                TInterleaved.Part(group + (i * Rows16 * TFormat.BlockBytes), row % Rows16, 1, block);
                TFormat.Decode(new ReadOnlySpan<byte>(block, TFormat.BlockBytes), values.Slice(i * TFormat.BlockLength, TFormat.BlockLength));
            }
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow)
    {
        QuantizedRows rows = x.Rows(TFormat.Activations);
        QuantizedRow row = rows.Row(0);
        nint stride = rows.Stride, yStride = y.Stride;
        int tokens = rows.Tokens;
        nint blocks = Columns / TFormat.BlockLength;
        int piece = tokens == 1 ? LargestPiece : Math.Max(1, NearbyBytes / (Rows16 * RowBytes)) * Rows16;
        float* some = stackalloc float[8 * Rows16];
        fixed (float* target = y.Data)
        {
            for (int start = firstRow, end; start < endRow; start = end)
            {
                // Whole groups, or the rows asked for of one.
                int first = start / Rows16 * Rows16;
                bool whole = start == first && endRow - start >= Rows16;
                end = whole ? start + (Math.Min(endRow - start, piece) / Rows16 * Rows16) : Math.Min(endRow, first + Rows16);
                int groups = Math.Max(1, (end - start) / Rows16);
                float* there = target + (start - firstRow);
                fixed (byte* group = Blocks(first, groups * Rows16))
                {
                    int token = 0;
                    for (; whole && tokens - token >= 8; token += 8)
                        TInterleaved.Dots8(group, groups, row.Behind(token * stride), stride, blocks, there + (token * yStride), yStride);
                    for (; whole && tokens - token is >= 4 and < 7; token += 4)
                        TInterleaved.Dots(group, groups, row.Behind(token * stride), stride, blocks, there + (token * yStride), yStride);
                    for (; whole && tokens - token is 1 or 2; token++)
                        TInterleaved.Dot(group, groups, row.Behind(token * stride), blocks, there + (token * yStride));
                    for (int i = 0; token < tokens && i < groups; i++)
                        Aside(group + (i * Rows16 * RowBytes), row, stride, blocks, token, tokens, start - first, Math.Min(end - first, Rows16), there + (i * Rows16), yStride, some);
                }
            }
        }
        GC.KeepAlive(this);
    }

    /// <summary>One group where a part of its rows is asked for, or three or seven tokens, which cost less with one made up than in smaller numbers.</summary>
    private static void Aside(byte* group, QuantizedRow row, nint stride, nint blocks, int token, int tokens, int first, int end, float* y, nint yStride, float* some)
    {
        for (int count; token < tokens; token += count)
        {
            count = tokens - token >= 7 ? Math.Min(8, tokens - token) : tokens - token >= 3 ? Math.Min(4, tokens - token) : 1;
            if (count == 1)
                TInterleaved.Dot(group, 1, row.Behind(token * stride), blocks, some);
            else if (count > 4)
                TInterleaved.Dots8(group, 1, row.Behind(token * stride), stride, blocks, some, Rows16);
            else
                TInterleaved.Dots(group, 1, row.Behind(token * stride), stride, blocks, some, Rows16);
            for (int i = 0; i < count; i++)
                new ReadOnlySpan<float>(some + (i * Rows16) + first, end - first).CopyTo(new Span<float>(y + ((token + i) * yStride), end - first));
        }
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch) =>
        throw new NotSupportedException($"{Tensor.Name}: rows side by side take no panels.");
}
