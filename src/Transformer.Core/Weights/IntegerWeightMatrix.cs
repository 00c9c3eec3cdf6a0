using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>A matrix of weights whose products are taken over integers; compiled once for each format.</summary>
internal sealed class IntegerWeightMatrix<TFormat> : WeightMatrix
    where TFormat : struct, IIntegerFormat
{
    private const int NearbyRows = 8;

    public IntegerWeightMatrix(Tensor tensor, TensorMemory? memory)
        : base(tensor, memory)
    {
    }

    internal override ActivationForm Activations => TFormat.Activations;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override unsafe void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow)
    {
        QuantizedRows rows = x.Rows(TFormat.Activations);

        // Spans end at 2 GiB, matrices need not; and for tokens after the first, rows should still be in the nearest cache.
        int piece = rows.Tokens == 1 ? LargestPiece : NearbyRows;
        for (int first = firstRow; first < endRow;)
        {
            int end = (int)Math.Min(endRow, (long)first + piece);
            fixed (byte* blocks = Blocks(first, end - first))
            {
                for (int token = 0; token < rows.Tokens; token++)
                {
                    QuantizedRow activations = rows.Row(token);
                    fixed (float* target = y[token][(first - firstRow)..])
                        TFormat.Dots(blocks, end - first, activations, Columns, target);
                }
            }
            first = end;
        }
        GC.KeepAlive(this);
    }

    internal override MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch)
    {
        MatrixSpan sums = IntegerGemm.Compute<TFormat>(Blocks(firstRow, endRow - firstRow), x.IntegerPanels(TFormat.Activations), endRow - firstRow, scratch);
        GC.KeepAlive(this);
        return sums;
    }
}
