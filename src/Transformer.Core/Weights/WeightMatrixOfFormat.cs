using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void MultiplyRows(MatrixSpan x, MatrixSpan y, int firstRow, int endRow)
    {
        // A row comes from memory once; for the tokens after the first it is still in the nearest cache.
        for (int row = firstRow; row < endRow; row++)
            for (int token = 0; token < x.Rows; token++)
                y[token][row - firstRow] = TFormat.Dot(Row(row), x[token]);
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
