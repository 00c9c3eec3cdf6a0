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
        for (int row = firstRow; row < endRow; row++)
            y[row - firstRow] = TFormat.Dot(Row(row), x);
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
