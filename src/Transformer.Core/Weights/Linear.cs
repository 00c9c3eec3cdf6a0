using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Interleaved;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Weights;

/// <summary>
/// y = x·Wᵀ + b, where W may be several matrices that read the same input (q, k and v; gate and up): their
/// outputs stand side by side in the columns of y, and all of them are computed in one parallel region.
/// Immutable and thread-safe.
/// </summary>
public sealed partial class Linear
{
    // A thread should get at least this many multiply-adds, or handing over costs more than it saves.
    private const long SmallestShare = 64 * 1024;

    private readonly WeightMatrix[] _parts;
    private readonly float[]? _bias;

    /// <summary>A linear map of one or more matrices.</summary>
    /// <param name="parts">Matrices [outputs, inputs] with the same inputs; formats may differ.</param>
    /// <param name="bias">One value an output over all parts, or null.</param>
    /// <exception cref="ArgumentException">The matrices read different inputs, or the bias has another length.</exception>
    public Linear(IReadOnlyList<WeightMatrix> parts, float[]? bias = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        _parts = [.. parts];
        _bias = bias;
        Inputs = _parts[0].Columns;
        foreach (WeightMatrix part in _parts)
        {
            if (part.Columns != Inputs)
                throw new ArgumentException($"{part.Tensor.Name} has {part.Columns} inputs, {_parts[0].Tensor.Name} has {Inputs}.", nameof(parts));
            Outputs += part.Rows;
        }
        if (bias is not null && bias.Length != Outputs)
            throw new ArgumentException($"The bias has {bias.Length} values for {Outputs} outputs.", nameof(bias));
    }

    /// <summary>Input features.</summary>
    public int Inputs { get; }

    /// <summary>Output features of all parts together.</summary>
    public int Outputs { get; }

    /// <summary>The matrices, in the order of their outputs.</summary>
    public IReadOnlyList<WeightMatrix> Parts => _parts;

    /// <summary>y = x·Wᵀ + b.</summary>
    /// <param name="x">[tokens, Inputs].</param>
    /// <param name="y">[tokens, Outputs]; must not overlap x.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    /// <exception cref="ArgumentException">A matrix has another shape.</exception>
    public void Forward(MatrixSpan x, MatrixSpan y, in ComputeContext compute)
    {
        if (x.Columns != Inputs || y.Columns != Outputs || x.Rows != y.Rows)
            throw new ArgumentException($"Expected x [n, {Inputs}] and y [n, {Outputs}], found [{x.Rows}, {x.Columns}] and [{y.Rows}, {y.Columns}].");
        if (x.Rows == 0)
            return;

        using WorkspaceScope scope = compute.Workspace.Scope();
        (int rows, int blocks) = Split(x.Rows);
        LinearInput input = new(x, _parts, compute);
        if (rows > 0)
        {
            FewTokens region = new() { Parts = _parts, Bias = _bias, X = input, Y = y };
            compute.Workers.Run(region, (rows + FewTokens.Rows - 1) / FewTokens.Rows, (int)Math.Clamp(SmallestShare / ((long)FewTokens.Rows * Inputs * x.Rows), 1, rows));
        }
        if (blocks > 0)
            MultiplyBlocks(input, y, blocks, compute);
    }

    private void MultiplyBlocks(in LinearInput x, MatrixSpan y, int blocks, in ComputeContext compute)
    {
        ManyTokens region = new()
        {
            Parts = _parts,
            Bias = _bias,
            X = x,
            Y = y,
            Scratch = compute.Workspace.Matrix(compute.Workers.Threads, ScratchLength(y.Rows)),
        };
        compute.Workers.Run(region, blocks);
    }

    /// <summary>The outputs <paramref name="start"/> to <paramref name="end"/> (exclusive) of an input prepared as rows, on the calling thread.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">[tokens, end - start].</param>
    /// <param name="start">First output.</param>
    /// <param name="end">One past the last output.</param>
    internal void MultiplyRows(in LinearInput x, MatrixSpan y, int start, int end)
    {
        int offset = 0;
        foreach (WeightMatrix part in _parts)
        {
            int first = Math.Max(start - offset, 0);
            int last = Math.Min(end - offset, part.Rows);
            if (first < last)
                part.MultiplyRows(x, y.ColumnRange(offset + first - start, last - first), first, last);
            offset += part.Rows;
        }
        for (int row = 0; _bias is not null && row < y.Rows; row++)
            Add.Compute(_bias.AsSpan(start, end - start), y[row]);
    }

    /// <summary>The matrices, for <see cref="LinearInput"/>.</summary>
    internal WeightMatrix[] Matrices => _parts;

    /// <summary>Fewest outputs worth handing to a thread, for one token.</summary>
    internal int SmallestShareOfOutputs => (int)Math.Max(1, SmallestShare / Inputs);

    /// <summary>
    /// Rows of the parts that multiply so many tokens row by row, and blocks of rows of those that take panels: both,
    /// if formats are mixed and differ in what is many.
    /// </summary>
    private (int Rows, int Blocks) Split(int tokens)
    {
        int rows = 0;
        int blocks = 0;
        foreach (WeightMatrix part in _parts)
        {
            if (part.TakesPanels(tokens))
                blocks += Blocks(part);
            else
                rows += part.Rows;
        }
        return (rows, blocks);
    }

    private int ScratchLength(int tokens)
    {
        int length = 0;
        foreach (WeightMatrix part in _parts)
            length = Math.Max(length, part.ScratchLength(tokens));
        return length;
    }

    private static int Blocks(WeightMatrix part) => (part.Rows + WeightMatrix.RowBlock - 1) / WeightMatrix.RowBlock;

    /// <summary>Item i are the outputs i x Rows to (i + 1) x Rows - 1 of the parts that do not take panels.</summary>
    private ref struct FewTokens : IParallelWork
    {
        /// <summary>Rows that may stand side by side, so that no thread computes a part of them.</summary>
        public const int Rows = Interleaving.Rows;

        public WeightMatrix[] Parts;
        public float[]? Bias;
        public LinearInput X;
        public MatrixSpan Y;

        public readonly void Execute(int start, int end, int worker)
        {
            int item = 0;
            int offset = 0;
            foreach (WeightMatrix part in Parts)
            {
                if (!part.TakesPanels(Y.Rows))
                {
                    int first = Math.Max((start * Rows) - item, 0);
                    int last = Math.Min((end * Rows) - item, part.Rows);
                    if (first < last)
                    {
                        part.MultiplyRows(X, Y.ColumnRange(offset + first, last - first), first, last);
                        AddBias(Bias, Y, offset + first, last - first);
                    }
                    item += part.Rows;
                }
                offset += part.Rows;
            }
        }
    }

    /// <summary>Item i is block i of rows, counted over the parts that take panels; no block spans two parts.</summary>
    private ref struct ManyTokens : IParallelWork
    {
        public WeightMatrix[] Parts;
        public float[]? Bias;
        public LinearInput X;
        public MatrixSpan Y;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            int item = 0;
            int offset = 0;
            foreach (WeightMatrix part in Parts)
            {
                if (part.TakesPanels(Y.Rows))
                {
                    for (int block = Math.Max(start - item, 0); block < Math.Min(end - item, Blocks(part)); block++)
                    {
                        int first = block * WeightMatrix.RowBlock;
                        int last = Math.Min(first + WeightMatrix.RowBlock, part.Rows);
                        Transpose.Compute(part.MultiplyPanels(X, first, last, Scratch[worker]), Y.ColumnRange(offset + first, last - first));
                        AddBias(Bias, Y, offset + first, last - first);
                    }
                    item += Blocks(part);
                }
                offset += part.Rows;
            }
        }
    }

    private static void AddBias(float[]? bias, MatrixSpan y, int start, int count)
    {
        if (bias is null)
            return;
        for (int row = 0; row < y.Rows; row++)
            Add.Compute(bias.AsSpan(start, count), y[row].Slice(start, count));
    }
}
