using Transformer.Core.Numerics;

namespace Transformer.Core.Testing;

/// <summary>Counts what a decoded token allocates.</summary>
internal static class Allocations
{
    private const int Tokens = 16;
    private const int Attempts = 4;

    /// <summary>Tokens that a check decodes in all.</summary>
    public const int TotalTokens = Tokens * (Attempts + 1);

    /// <summary>Repeats a step that adds one token.</summary>
    public static void Check(Subject subject, Action<int> step)
    {
        int token = 0;
        Run();

        // What is compiled or grown on the way is forgiven: what a token allocates, it allocates every time.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        if (least > 0)
        {
            throw subject.Failure(
                ConformanceRules.Allocation, $"{least / Tokens} bytes are allocated for each decoded token.",
                "new arrays, LINQ or lambdas in the forward pass: take scratch from context.Workspace inside a Scope, pass struct work items to context.Workers.Run, and let a state reserve its memory when it is made.");
        }

        void Run()
        {
            for (int i = 0; i < Tokens; i++)
                step(token++);
        }
    }

    /// <summary>Decodes rows one at a time, on this thread alone.</summary>
    public static void Check(Subject subject, RowsOperation operation, Rows rows, int width, ISequenceState? state)
    {
        using Workspace workspace = new();
        ComputeContext compute = new(WorkerPool.OfSize(1), workspace);
        SequenceRows[] sequences = [new SequenceRows(0, 1, [state])];
        Rows y = new(1, width);
        int[] positions = new int[1];
        Check(subject, token =>
        {
            positions[0] = token;
            using WorkspaceScope scope = compute.Workspace.Scope();
            operation(rows.Span.RowRange(token, 1), y.Span, new ForwardContext { Positions = positions, Sequences = sequences, Compute = compute, Layer = 0 });
        });
    }
}
