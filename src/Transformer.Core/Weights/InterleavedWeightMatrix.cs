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

    /// <summary>Rows that stay in the nearest cache while one after another token meets them.</summary>
    private const int NearbyRows = 2 * Rows16;

    internal override ActivationForm Activations => TFormat.Activations;

    /// <inheritdoc/>
    /// <remarks>Four tokens at a time cost no more than panels do, and nothing has to be taken apart for them.</remarks>
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

    internal override void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow)
    {
        QuantizedRows rows = x.Rows(TFormat.Activations);
        int blocks = Columns / TFormat.BlockLength;
        int piece = rows.Tokens == 1 ? LargestPiece : NearbyRows;
        float* some = stackalloc float[4 * NearbyRows];
        for (int start = firstRow, end; start < endRow; start = end)
        {
            // Whole groups, or the rows asked for of one.
            int first = start / Rows16 * Rows16;
            bool whole = start == first && endRow - start >= Rows16;
            end = whole ? start + (Math.Min(endRow - start, piece) / Rows16 * Rows16) : Math.Min(endRow, first + Rows16);
            int groups = Math.Max(1, (end - start) / Rows16);
            fixed (byte* group = Blocks(first, groups * Rows16))
            {
                for (int token = 0, count; token < rows.Tokens; token += count)
                {
                    // Three tokens cost less as four, one of them made up, than one by one.
                    count = rows.Tokens - token >= 3 ? Math.Min(4, rows.Tokens - token) : 1;
                    bool aside = !whole || count == 3;
                    fixed (float* there = y[token][(start - firstRow)..])
                    {
                        if (count == 1)
                            TInterleaved.Dot(group, groups, rows.Row(token), blocks, aside ? some : there);
                        else
                            TInterleaved.Dots(group, groups, rows.Row(token), rows.Stride, blocks, aside ? some : there, aside ? NearbyRows : y.Stride);
                    }
                    for (int i = 0; aside && i < count; i++)
                        new ReadOnlySpan<float>(some + (i * NearbyRows) + start - first, end - start).CopyTo(y[token + i][(start - firstRow)..]);
                }
            }
        }
        GC.KeepAlive(this);
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch) =>
        throw new NotSupportedException($"{Tensor.Name}: rows side by side take no panels.");
}
