using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights stored as <typeparamref name="TFormat"/>; compiled once for each format.</summary>
internal sealed class WeightMatrix<TFormat> : WeightMatrix
    where TFormat : struct, IBlockFormat
{
    // Rows longer than this are multiplied piece by piece, a few rows at a time: the piece of x that they share
    // must stay in the nearest cache while the rows stream through it. A multiple of every format's block.
    private const int ColumnsAtOnce = 4096;
    private const int RowsAtOnce = 8;

    // A span does not keep a mapped file alive; that is what the KeepAlive calls below are for.
    private readonly TensorMemory? _memory;
    private readonly int _rowBytes;

    public WeightMatrix(Tensor tensor, TensorMemory? memory)
        : base(tensor)
    {
        _memory = memory;
        _rowBytes = (int)tensor.Format.BytesFor(Columns);
    }

    public override void DecodeRow(int row, Span<float> values)
    {
        TFormat.Decode(Row(row), values[..Columns]);
        GC.KeepAlive(this);
    }

    internal override void MultiplyRows(MatrixSpan x, MatrixSpan y, int firstRow, int endRow, Span<float> scratch)
    {
        if (x.Rows == 1)
        {
            MultiplyOne(x[0], y[0], firstRow, endRow);
            return;
        }

        // Decoding a row once serves every token.
        Span<float> weights = scratch[..Columns];
        for (int row = firstRow; row < endRow; row++)
        {
            TFormat.Decode(Row(row), weights);
            for (int token = 0; token < x.Rows; token++)
                y[token][row - firstRow] = DotProduct.Compute(weights, x[token]);
        }
        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyOne(ReadOnlySpan<float> x, Span<float> y, int firstRow, int endRow)
    {
        for (int group = firstRow; group < endRow; group += RowsAtOnce)
        {
            int end = Math.Min(group + RowsAtOnce, endRow);
            for (int start = 0; start < Columns; start += ColumnsAtOnce)
            {
                int length = Math.Min(ColumnsAtOnce, Columns - start);
                int offset = start / TFormat.BlockLength * TFormat.BlockBytes;
                int bytes = length / TFormat.BlockLength * TFormat.BlockBytes;
                for (int row = group; row < end; row++)
                {
                    float sum = TFormat.Dot(Row(row).Slice(offset, bytes), x.Slice(start, length));
                    y[row - firstRow] = start == 0 ? sum : y[row - firstRow] + sum;
                }
            }
        }
        GC.KeepAlive(this);
    }

    internal override void MultiplyPanels(TokenPanels x, MatrixSpan y, int firstRow, int endRow, Span<float> scratch)
    {
        FloatGemm.Compute<TFormat>(Blocks(firstRow, endRow - firstRow), x, y, scratch);
        GC.KeepAlive(this);
    }

    private ReadOnlySpan<byte> Row(int row) => Blocks(row, 1);

    private ReadOnlySpan<byte> Blocks(int first, int count)
    {
        TensorMemory memory = _memory ?? throw new InvalidOperationException($"{Tensor.Name}: only its shape is known. A description of a model cannot compute.");
        return memory.Slice((long)first * _rowBytes, checked(count * _rowBytes));
    }
}
