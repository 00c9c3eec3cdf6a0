using Transformer.Core.Numerics;

namespace Transformer.Core.Weights;

/// <summary>
/// y = x·Wᵀ + b, where W may be several matrices that read the same input (q, k and v; gate and up): their
/// outputs stand side by side in the columns of y, and all of them are computed in one parallel region.
/// Immutable and thread-safe.
/// </summary>
public sealed class Linear
{
    // A thread should get at least this many multiply-adds, or handing over costs more than it saves.
    private const long SmallestShare = 16 * 1024;

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
        Region region = new()
        {
            Parts = _parts,
            Bias = _bias,
            X = x,
            Y = y,
            Scratch = compute.Workspace.Matrix(compute.Workers.Threads, Inputs),
        };
        int grain = (int)Math.Clamp(SmallestShare / ((long)Inputs * x.Rows), 1, Outputs);
        compute.Workers.Run(region, Outputs, grain);
    }

    private ref struct Region : IParallelWork
    {
        public WeightMatrix[] Parts;
        public float[]? Bias;
        public MatrixSpan X;
        public MatrixSpan Y;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            int offset = 0;
            foreach (WeightMatrix part in Parts)
            {
                int first = Math.Max(start, offset);
                int last = Math.Min(end, offset + part.Rows);
                if (first < last)
                    part.MultiplyRows(X, Y.ColumnRange(first, last - first), first - offset, last - offset, Scratch[worker]);
                offset += part.Rows;
            }
            if (Bias is null)
                return;
            for (int row = 0; row < Y.Rows; row++)
                Numerics.Kernels.Add.Compute(Bias.AsSpan(start, end - start), Y[row].Slice(start, end - start));
        }
    }
}
