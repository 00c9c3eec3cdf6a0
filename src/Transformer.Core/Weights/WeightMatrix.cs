using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>
/// A matrix of weights [Rows, Columns] = [output features, input features]. What its bytes look like is known
/// only below this type. Immutable and thread-safe.
/// </summary>
public abstract class WeightMatrix
{
    // A span does not keep a mapped file alive; that is what the KeepAlive calls in the methods below are for.
    private readonly TensorMemory? _memory;

    private protected WeightMatrix(Tensor tensor, TensorMemory? memory)
    {
        Tensor = tensor;
        _memory = memory;
        RowBytes = (int)tensor.Format.BytesFor(tensor.Shape.Columns);
        Rows = tensor.Shape.Rows;
        Columns = tensor.Shape.Columns;
    }

    /// <summary>Most rows that are multiplied as panels at once.</summary>
    internal const int RowBlock = FloatGemm.RowBlock;

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

    /// <summary>The same with its rows side by side, if there is an interleaver and it takes the matrix.</summary>
    internal static WeightMatrix Create(Tensor tensor, TensorMemory? memory, Interleaver? interleaver) =>
        (memory is null ? null : interleaver?.Create(tensor, memory)) ?? Create(tensor, memory);

    /// <summary>How it wants its input.</summary>
    internal abstract ActivationForm Activations { get; }

    /// <summary>Whether so many tokens are better multiplied as panels.</summary>
    internal virtual bool TakesPanels(int tokens) => tokens >= (Activations == ActivationForm.Float ? FloatGemm.FewestTokens : IntegerGemm.FewestTokens);

    private protected int RowBytes { get; }

    /// <summary>Rows that one span may hold.</summary>
    private protected int LargestPiece => Math.Max(1, int.MaxValue / RowBytes);

    /// <summary>Writes one row as floats.</summary>
    public virtual void DecodeRow(int row, Span<float> values)
    {
        Tensor.Format.Decode(Blocks(row, 1), values[..Columns]);
        GC.KeepAlive(this);
    }

    /// <summary>Scratch that a thread needs to multiply some tokens as panels, in floats.</summary>
    internal int ScratchLength(int tokens) => Activations == ActivationForm.Float ? FloatGemm.ScratchLength(tokens) : IntegerGemm.ScratchLength(Activations, tokens);

    /// <summary>
    /// y[t, i - firstRow] = Σ x[t, k]·W[i, k] for the rows <paramref name="firstRow"/> to <paramref name="endRow"/>,
    /// on the calling thread.
    /// </summary>
    /// <param name="x">Few tokens, as rows.</param>
    /// <param name="y">[tokens, endRow - firstRow].</param>
    /// <param name="firstRow">First row of the weights.</param>
    /// <param name="endRow">One past the last row.</param>
    internal abstract void MultiplyRows(in LinearInput x, MatrixSpan y, int firstRow, int endRow);

    /// <summary>The same for many tokens and at most <see cref="RowBlock"/> rows.</summary>
    /// <param name="x">Many tokens, as panels.</param>
    /// <param name="firstRow">First row of the weights.</param>
    /// <param name="endRow">One past the last row.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <returns>[endRow - firstRow, tokens and filling], in the scratch.</returns>
    internal abstract MatrixSpan MultiplyPanels(in LinearInput x, int firstRow, int endRow, Span<float> scratch);

    private protected ReadOnlySpan<byte> Blocks(int first, int count)
    {
        TensorMemory memory = _memory ?? throw new InvalidOperationException($"{Tensor.Name}: only its shape is known. A description of a model cannot compute.");
        return memory.Slice((long)first * RowBytes, checked(count * RowBytes));
    }

    private sealed class Factory(Tensor tensor, TensorMemory? memory) : IIntegerFormatVisitor<WeightMatrix>, IFloatFormatVisitor<WeightMatrix>
    {
        public WeightMatrix Visit<TFormat>()
            where TFormat : struct, IBlockFormat => new WeightMatrix<TFormat>(tensor, memory);

        public WeightMatrix VisitFloats<TFormat>()
            where TFormat : struct, IFloatFormat => new FloatWeightMatrix<TFormat>(tensor, memory);

        public WeightMatrix VisitIntegers<TFormat>()
            where TFormat : struct, IIntegerFormat => new IntegerWeightMatrix<TFormat>(tensor, memory);
    }
}
