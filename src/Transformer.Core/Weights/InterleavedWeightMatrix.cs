using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Interleaved;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights in memory of its own, sixteen rows side by side; compiled once for each format.</summary>
internal sealed unsafe class InterleavedWeightMatrix<TFormat, TInterleaved>(Tensor tensor, TensorMemory memory) : WeightMatrix(tensor, memory)
    where TFormat : struct, IIntegerFormat
    where TInterleaved : struct, IInterleavedFormat<TFormat>
{
    /// <summary>Tokens from which on taking the rows apart again, for products of panels, is worth it.</summary>
    private const int FewestPanelTokens = 32;

    private const int Rows16 = Interleaving.Rows;

    internal override ActivationForm Activations => TFormat.Activations;

    internal override bool TakesPanels(int tokens) => tokens >= FewestPanelTokens;

    internal override int ScratchLength(int tokens) => base.ScratchLength(tokens) + (((RowBlock * RowBytes) + sizeof(float) - 1) / sizeof(float));

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
        int blocks = Columns / TFormat.BlockLength;
        float* sums = stackalloc float[4 * Rows16];
        for (int start = firstRow / Rows16 * Rows16; start < endRow; start += Rows16)
        {
            int first = Math.Max(firstRow, start), last = Math.Min(endRow, start + Rows16);
            fixed (byte* group = Blocks(start, Rows16))
            {
                for (int token = 0; token < rows.Tokens;)
                {
                    // Three tokens cost less as four, one of them twice, than one by one.
                    int count = rows.Tokens - token >= 3 ? Math.Min(4, rows.Tokens - token) : 1;
                    if (count == 1)
                        TInterleaved.Dot(group, rows.Row(token), blocks, sums);
                    else
                        TInterleaved.Dots(group, rows.Row(token), rows.Stride, blocks, sums);
                    for (int i = 0; i < count; i++)
                        new ReadOnlySpan<float>(sums + (i * Rows16) + first - start, last - first).CopyTo(y[token + i][(first - firstRow)..]);
                    token += count;
                }
            }
        }
        GC.KeepAlive(this);
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch)
    {
        const int Piece = 16;
        int blocks = Columns / TFormat.BlockLength;
        int rows = endRow - firstRow;
        Span<float> own = scratch[base.ScratchLength(x.IntegerPanels(TFormat.Activations).Tokens)..];
        fixed (byte* source = Blocks(firstRow, rows))
        fixed (float* parted = own)
        {
            byte* target = (byte*)parted;
            for (nint start = 0; start < rows; start += Rows16)
                for (nint block = 0; block < blocks; block += Piece)
                    for (nint row = 0; row < Rows16; row++)
                        TInterleaved.Part(source + (start * RowBytes) + (block * Rows16 * TFormat.BlockBytes), row, Math.Min(Piece, blocks - block), target + ((start + row) * RowBytes) + (block * TFormat.BlockBytes));
            MatrixSpan sums = IntegerGemm.Compute<TFormat>(new ReadOnlySpan<byte>(target, rows * RowBytes), x.IntegerPanels(TFormat.Activations), rows, scratch);
            GC.KeepAlive(this);
            return sums;
        }
    }
}
