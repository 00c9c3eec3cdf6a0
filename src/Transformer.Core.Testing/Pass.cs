using Transformer.Core.Numerics;

namespace Transformer.Core.Testing;

/// <summary>Computes y from x.</summary>
internal delegate void RowsOperation(MatrixSpan x, MatrixSpan y, in ForwardContext context);

/// <summary>Runs rows through a component, as a model does in its layer 0.</summary>
internal static class Pass
{
    /// <summary>Runs rows of one sequence.</summary>
    /// <param name="operation">The component.</param>
    /// <param name="x">The rows.</param>
    /// <param name="width">Features of the output.</param>
    /// <param name="state">The sequence's state, or null.</param>
    /// <param name="position">Position of the first row.</param>
    /// <param name="threads">Threads of the pool.</param>
    public static Rows Run(RowsOperation operation, Rows x, int width, ISequenceState? state = null, int position = 0, int threads = 2) =>
        RunAll(operation, x, width, [(x.Count, position, state)], threads);

    /// <summary>Runs rows of several sequences, one after the other.</summary>
    public static Rows RunAll(RowsOperation operation, Rows x, int width, (int Count, int Position, ISequenceState? State)[] sequences, int threads = 2)
    {
        using Workspace workspace = new();
        return RunAll(operation, x, width, sequences, new ComputeContext(WorkerPool.OfSize(threads), workspace));
    }

    public static Rows RunAll(RowsOperation operation, Rows x, int width, (int Count, int Position, ISequenceState? State)[] sequences, ComputeContext compute)
    {
        Rows y = Rows.Unwritten(x.Count, width);
        int[] positions = [.. sequences.SelectMany(sequence => Enumerable.Range(sequence.Position, sequence.Count))];
        SequenceRows[] rows = new SequenceRows[sequences.Length];
        for (int i = 0, start = 0; i < rows.Length; i++)
        {
            rows[i] = new SequenceRows(start, sequences[i].Count, [sequences[i].State]);
            start += sequences[i].Count;
        }
        using WorkspaceScope scope = compute.Workspace.Scope();
        operation(x.Span, y.Span, new ForwardContext { Positions = positions, Sequences = rows, Compute = compute, Layer = 0 });
        return y;
    }
}
