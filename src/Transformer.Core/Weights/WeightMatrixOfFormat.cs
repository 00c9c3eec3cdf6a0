using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights stored as <typeparamref name="TFormat"/>, multiplied in single precision; compiled once for each format.</summary>
internal sealed class WeightMatrix<TFormat> : WeightMatrix
    where TFormat : struct, IBlockFormat
{
    public WeightMatrix(Tensor tensor, TensorMemory? memory)
        : base(tensor, memory)
    {
    }

    internal override ActivationForm Activations => ActivationForm.Float;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow)
    {
        // A row comes from memory once; for the tokens after the first it is still in the nearest cache.
        MatrixSpan values = x.Values;
        for (int row = firstRow; row < endRow; row++)
            for (int token = 0; token < values.Rows; token++)
                y[token][row - firstRow] = TFormat.Dot(Blocks(row, 1), values[token]);
        GC.KeepAlive(this);
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch)
    {
        MatrixSpan sums = FloatGemm.Compute<TFormat>(Blocks(firstRow, endRow - firstRow), x.FloatPanels, endRow - firstRow, scratch);
        GC.KeepAlive(this);
        return sums;
    }
}
