using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Weights;

/// <summary>
/// Linear maps of one shape and the same formats, of which a row needs only one or a few: the experts of a mixture, the
/// heads of an attention block. Weights of members that nobody asks for are not read. Immutable and thread-safe.
/// </summary>
public sealed class StackedLinear
{
    private readonly Linear[] _members;

    /// <summary>A stack of linear maps.</summary>
    /// <param name="members">At least one; all with the same inputs, outputs and formats.</param>
    /// <exception cref="ArgumentException">They differ.</exception>
    public StackedLinear(IReadOnlyList<Linear> members)
    {
        ArgumentOutOfRangeException.ThrowIfZero(members.Count);
        _members = [.. members];
        Linear first = _members[0];
        foreach (Linear member in _members)
        {
            bool same = member.Inputs == first.Inputs && member.Matrices.Length == first.Matrices.Length;
            for (int part = 0; same && part < first.Matrices.Length; part++)
                same = member.Matrices[part].Rows == first.Matrices[part].Rows && member.Matrices[part].Tensor.Format == first.Matrices[part].Tensor.Format;
            if (!same)
                throw new ArgumentException($"{member.Matrices[0].Tensor.Name} and {first.Matrices[0].Tensor.Name} differ in shape or format.", nameof(members));
        }
    }

    /// <summary>Number of maps.</summary>
    public int Count => _members.Length;

    /// <summary>Input features.</summary>
    public int Inputs => _members[0].Inputs;

    /// <summary>Output features of a member.</summary>
    public int Outputs => _members[0].Outputs;

    /// <summary>One of the maps, for many tokens.</summary>
    public Linear this[int member] => _members[member];

    /// <summary>y[i] = x[i]·Wᵀ + b with the map <c>members[i]</c>, in one parallel region.</summary>
    /// <param name="x">[n, Inputs], or [1, Inputs] for all of them.</param>
    /// <param name="members">[n] numbers of maps.</param>
    /// <param name="y">[n, Outputs], overwritten; must not overlap x.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    public void ForwardEach(MatrixSpan x, ReadOnlySpan<int> members, MatrixSpan y, in ComputeContext compute)
    {
        Check(x, members, y.Rows == members.Length && y.Columns == Outputs);
        using WorkspaceScope scope = compute.Workspace.Scope();
        Each region = new() { Members = _members, Chosen = members, X = new LinearInput(x, _members[0].Matrices, compute, asRows: true), Y = y };
        compute.Workers.Run(region, members.Length * Outputs, _members[0].SmallestShareOfOutputs);
    }

    /// <summary>y[i] = gate(x[i]·W₀ᵀ + b₀, x[i]·W₁ᵀ + b₁) with the two matrices of the map <c>members[i]</c>, in one parallel region.</summary>
    /// <param name="x">[n, Inputs], or [1, Inputs] for all of them.</param>
    /// <param name="members">[n] numbers of maps.</param>
    /// <param name="y">[n, Outputs / 2], overwritten; must not overlap x.</param>
    /// <param name="gate">How the two are joined.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    internal void ForwardEachGated<TGate>(MatrixSpan x, ReadOnlySpan<int> members, MatrixSpan y, TGate gate, in ComputeContext compute)
        where TGate : struct, IGate
    {
        Check(x, members, y.Rows == members.Length && 2 * y.Columns == Outputs);
        using WorkspaceScope scope = compute.Workspace.Scope();
        EachGated<TGate> region = new()
        {
            Members = _members,
            Chosen = members,
            X = new LinearInput(x, _members[0].Matrices, compute, asRows: true),
            Y = y,
            Up = compute.Workspace.Matrix(y.Rows, y.Columns),
            Gate = gate,
        };
        compute.Workers.Run(region, members.Length * y.Columns, Math.Max(1, _members[0].SmallestShareOfOutputs / 2));
    }

    /// <summary>y = Σ weights[i]·(x[i]·Wᵀ + b) with the map <c>members[i]</c>, added up in this order, in one parallel region.</summary>
    /// <param name="x">[n, Inputs].</param>
    /// <param name="members">[n] numbers of maps.</param>
    /// <param name="weights">[n].</param>
    /// <param name="y">[Outputs], added to.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    public void AddWeighted(MatrixSpan x, ReadOnlySpan<int> members, ReadOnlySpan<float> weights, Span<float> y, in ComputeContext compute)
    {
        Check(x, members, weights.Length == members.Length && y.Length == Outputs);
        using WorkspaceScope scope = compute.Workspace.Scope();
        Sum region = new()
        {
            Members = _members,
            Chosen = members,
            Weights = weights,
            X = new LinearInput(x, _members[0].Matrices, compute, asRows: true),
            Y = y,
            Scratch = compute.Workspace.Matrix(compute.Workers.Threads, Outputs),
        };
        compute.Workers.Run(region, Outputs, Math.Max(1, _members[0].SmallestShareOfOutputs / Math.Max(1, members.Length)));
    }

    private void Check(MatrixSpan x, ReadOnlySpan<int> members, bool others)
    {
        if (!others || x.Columns != Inputs || (x.Rows != members.Length && x.Rows != 1))
            throw new ArgumentException($"Expected x [n, {Inputs}] and y [n, {Outputs}] for n = {members.Length} members, found x [{x.Rows}, {x.Columns}].");
    }

    /// <summary>Item i is output i % outputs of row i / outputs.</summary>
    private ref struct Each : IParallelWork
    {
        public Linear[] Members;
        public ReadOnlySpan<int> Chosen;
        public LinearInput X;
        public MatrixSpan Y;

        public readonly void Execute(int start, int end, int worker)
        {
            int outputs = Y.Columns;
            for (int row = start / outputs; row * outputs < end; row++)
            {
                int first = Math.Max(start - (row * outputs), 0);
                int last = Math.Min(end - (row * outputs), outputs);
                Members[Chosen[row]].MultiplyRows(X.Row(X.Values.Rows == 1 ? 0 : row), Y.RowRange(row, 1).ColumnRange(first, last - first), first, last);
            }
        }
    }

    /// <summary>Item i is joined output i % width of row i / width.</summary>
    private ref struct EachGated<TGate> : IParallelWork
        where TGate : struct, IGate
    {
        public Linear[] Members;
        public ReadOnlySpan<int> Chosen;
        public LinearInput X;
        public MatrixSpan Y;
        public MatrixSpan Up;
        public TGate Gate;

        public readonly void Execute(int start, int end, int worker)
        {
            int width = Y.Columns;
            for (int row = start / width; row * width < end; row++)
            {
                int first = Math.Max(start - (row * width), 0);
                int last = Math.Min(end - (row * width), width);
                LinearInput x = X.Row(X.Values.Rows == 1 ? 0 : row);
                MatrixSpan gate = Y.RowRange(row, 1).ColumnRange(first, last - first);
                MatrixSpan up = Up.RowRange(row, 1).ColumnRange(first, last - first);
                Members[Chosen[row]].MultiplyRows(x, gate, first, last);
                Members[Chosen[row]].MultiplyRows(x, up, width + first, width + last);
                Gate.Apply(gate[0], up[0]);
            }
        }
    }

    /// <summary>Item i is output i.</summary>
    private ref struct Sum : IParallelWork
    {
        public Linear[] Members;
        public ReadOnlySpan<int> Chosen;
        public ReadOnlySpan<float> Weights;
        public LinearInput X;
        public Span<float> Y;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            MatrixSpan part = Scratch.RowRange(worker, 1).ColumnRange(start, end - start);
            for (int row = 0; row < Chosen.Length; row++)
            {
                Members[Chosen[row]].MultiplyRows(X.Row(row), part, start, end);
                ScaledAdd.Compute(Weights[row], part[0], Y[start..end]);
            }
        }
    }
}
