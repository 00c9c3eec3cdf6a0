using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;

namespace Transformer.Core.Weights;

/// <summary>
/// A matrix of weights [Rows, Columns] = [output features, input features]. What its bytes look like is known
/// only below this type. Immutable and thread-safe.
/// </summary>
public abstract class WeightMatrix
{
    private protected WeightMatrix(Tensor tensor)
    {
        Tensor = tensor;
        Rows = tensor.Shape.Rows;
        Columns = tensor.Shape.Columns;
    }

    /// <summary>The tensor it was made from.</summary>
    public Tensor Tensor { get; }

    /// <summary>Output features.</summary>
    public int Rows { get; }

    /// <summary>Input features.</summary>
    public int Columns { get; }

    /// <summary>The matrix over a tensor of any format.</summary>
    public static WeightMatrix Create(Tensor tensor) => Create(tensor, tensor.Open());

    /// <summary>The matrix over memory that is already open; over none it is a shape that cannot be computed with.</summary>
    internal static WeightMatrix Create(Tensor tensor, TensorMemory? memory) => tensor.Format.Accept(new Factory(tensor, memory));

    /// <summary>Writes one row as floats.</summary>
    public abstract void DecodeRow(int row, Span<float> values);

    /// <summary>
    /// y[t, i - firstRow] = Σ x[t, k]·W[i, k] for the rows <paramref name="firstRow"/> to <paramref name="endRow"/>,
    /// on the calling thread.
    /// </summary>
    /// <param name="x">[tokens, Columns].</param>
    /// <param name="y">[tokens, endRow - firstRow].</param>
    /// <param name="firstRow">First row of the weights.</param>
    /// <param name="endRow">One past the last row.</param>
    internal abstract void MultiplyRows(MatrixSpan x, MatrixSpan y, int firstRow, int endRow);

    /// <summary>The same for many tokens, whose activations are packed; at most <see cref="FloatGemm.RowBlock"/> rows.</summary>
    /// <param name="x">Packed activations.</param>
    /// <param name="y">[tokens, endRow - firstRow].</param>
    /// <param name="firstRow">First row of the weights.</param>
    /// <param name="endRow">One past the last row.</param>
    /// <param name="scratch"><see cref="FloatGemm.ScratchLength"/> floats.</param>
    internal abstract void MultiplyPanels(TokenPanels x, MatrixSpan y, int firstRow, int endRow, Span<float> scratch);

    private sealed class Factory(Tensor tensor, TensorMemory? memory) : IWeightFormatVisitor<WeightMatrix>
    {
        public WeightMatrix Visit<TFormat>()
            where TFormat : struct, IBlockFormat => new WeightMatrix<TFormat>(tensor, memory);
    }
}
