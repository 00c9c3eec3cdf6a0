using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Weights;

/// <summary>
/// y = x·Wᵀ + b, where W may be several matrices that read the same input (q, k and v; gate and up): their
/// outputs stand side by side in the columns of y, and all of them are computed in one parallel region.
/// Immutable and thread-safe.
/// </summary>
public sealed class Linear
{
    // A thread should get at least this many multiply-adds, or handing over costs more than it saves.
    private const long SmallestShare = 64 * 1024;

    private readonly WeightMatrix[] _parts;
    private readonly float[]? _bias;
    private readonly int _blocks;

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
            _blocks += Blocks(part);
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
        if (x.Rows < FloatGemm.FewestTokens)
        {
            FewTokens region = new() { Parts = _parts, Bias = _bias, X = x, Y = y };
            compute.Workers.Run(region, Outputs, (int)Math.Clamp(SmallestShare / ((long)Inputs * x.Rows), 1, Outputs));
        }
        else
        {
            ManyTokens region = new()
            {
                Parts = _parts,
                Bias = _bias,
                X = TokenPanels.Pack(x, compute),
                Y = y,
                Scratch = compute.Workspace.Matrix(compute.Workers.Threads, FloatGemm.ScratchLength(x.Rows)),
            };
            compute.Workers.Run(region, _blocks);
        }
    }

    private static int Blocks(WeightMatrix part) => (part.Rows + FloatGemm.RowBlock - 1) / FloatGemm.RowBlock;

    /// <summary>Item i is output i of all parts.</summary>
    private ref struct FewTokens : IParallelWork
    {
        public WeightMatrix[] Parts;
        public float[]? Bias;
        public MatrixSpan X;
        public MatrixSpan Y;

        public readonly void Execute(int start, int end, int worker)
        {
            int offset = 0;
            foreach (WeightMatrix part in Parts)
            {
                int first = Math.Max(start, offset);
                int last = Math.Min(end, offset + part.Rows);
                if (first < last)
                    part.MultiplyRows(X, Y.ColumnRange(first, last - first), first - offset, last - offset);
                offset += part.Rows;
            }
            AddBias(Bias, Y, start, end - start);
        }
    }

    /// <summary>Item i is block i of rows, counted over all parts; no block spans two parts.</summary>
    private ref struct ManyTokens : IParallelWork
    {
        public WeightMatrix[] Parts;
        public float[]? Bias;
        public TokenPanels X;
        public MatrixSpan Y;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            int item = 0;
            int offset = 0;
            foreach (WeightMatrix part in Parts)
            {
                int blocks = Blocks(part);
                for (int block = Math.Max(start - item, 0); block < Math.Min(end - item, blocks); block++)
                {
                    int first = block * FloatGemm.RowBlock;
                    int last = Math.Min(first + FloatGemm.RowBlock, part.Rows);
                    part.MultiplyPanels(X, Y.ColumnRange(offset + first, last - first), first, last, Scratch[worker]);
                    AddBias(Bias, Y, offset + first, last - first);
                }
                item += blocks;
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
