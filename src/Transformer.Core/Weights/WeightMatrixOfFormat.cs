using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights stored as <typeparamref name="TFormat"/>; compiled once for each format.</summary>
internal sealed class WeightMatrix<TFormat> : WeightMatrix
    where TFormat : struct, IBlockFormat
{
    private readonly TensorMemory? _memory;
    private readonly int _rowBytes;

    public WeightMatrix(Tensor tensor, TensorMemory? memory)
        : base(tensor)
    {
        _memory = memory;
        _rowBytes = (int)tensor.Format.BytesFor(Columns);
    }

    public override void DecodeRow(int row, Span<float> values) => TFormat.Decode(Row(row), values[..Columns]);

    internal override void MultiplyRows(MatrixSpan x, MatrixSpan y, int firstRow, int endRow, Span<float> scratch)
    {
        if (x.Rows == 1)
        {
            ReadOnlySpan<float> input = x[0];
            Span<float> output = y[0];
            for (int row = firstRow; row < endRow; row++)
                output[row - firstRow] = TFormat.Dot(Row(row), input);
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
    }

    internal override void MultiplyPanels(TokenPanels x, MatrixSpan y, int firstRow, int endRow, Span<float> scratch) =>
        FloatGemm.Compute<TFormat>(Blocks(firstRow, endRow - firstRow), x, y, scratch);

    private ReadOnlySpan<byte> Row(int row) => Blocks(row, 1);

    private ReadOnlySpan<byte> Blocks(int first, int count)
    {
        TensorMemory memory = _memory ?? throw new InvalidOperationException($"{Tensor.Name}: only its shape is known. A description of a model cannot compute.");
        return memory.Slice((long)first * _rowBytes, count * _rowBytes);
    }
}
