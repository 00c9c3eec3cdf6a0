using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>A matrix of plain floats, multiplied many rows at a time; compiled once for each format.</summary>
internal sealed class FloatWeightMatrix<TFormat>(Tensor tensor, TensorMemory? memory) : WeightMatrix(tensor, memory)
    where TFormat : struct, IFloatFormat
{
    // Longer inputs do not stay in the nearest cache.
    private const int LongestNearby = 4096;

    internal override ActivationForm Activations => ActivationForm.Float;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow)
    {
        MatrixSpan values = x.Values;

        // For the tokens after the first a row should still be in the nearest cache, unless it is the input that is not.
        int piece = values.Rows == 1 ? LargestPiece : Columns <= LongestNearby ? 1 : 4;
        for (int first = firstRow; first < endRow;)
        {
            int end = (int)Math.Min(endRow, (long)first + piece);
            fixed (byte* rows = Blocks(first, end - first))
            {
                for (int token = 0; token < values.Rows; token++)
                {
                    fixed (float* input = values[token])
                    fixed (float* target = y[token][(first - firstRow)..])
                        TFormat.Dots(rows, end - first, input, Columns, target);
                }
            }
            first = end;
        }
        GC.KeepAlive(this);
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch)
    {
        MatrixSpan sums = FloatGemm.Compute<TFormat>(Blocks(firstRow, endRow - firstRow), x.FloatPanels, endRow - firstRow, scratch);
        GC.KeepAlive(this);
        return sums;
    }
}
