namespace Transformer.Core.Testing;

/// <summary>The checks of a component that transforms every row by itself.</summary>
internal sealed class RowwiseConformance(RowsOperation operation, int inputs, int outputs, Subject subject)
{
    internal const string ThreadsUsually = "work that is split by the number of threads and summed in another order: let each item of context.Workers.Run compute its own values whole.";

    private const int Count = 23;

    public void Check()
    {
        Rows x = Rows.Random(1, Count, inputs);
        Rows other = Rows.Random(2, Count, inputs);
        CheckShapes(subject, operation, inputs, outputs, () => null);
        Rows expected = Run(x);
        subject.Check(ConformanceRules.Stateless, () =>
        {
            Run(other);
            subject.RequireEqual(
                ConformanceRules.Stateless, expected, Run(x), "at first", "after other rows were computed",
                "a running mean, a cache or a counter in a field: a component owns weights and nothing else.");
        });
        subject.Check(ConformanceRules.Causality, () =>
        {
            foreach (int row in (int[])[0, Count / 2, Count - 1])
            {
                Rows changed = Run(other.With(row, x.Range(row, 1)));
                subject.RequireEqual(
                    ConformanceRules.Causality, expected, changed, "as it was", "once every other row was changed",
                    "a mean or maximum over the whole matrix instead of the row.", row);
            }
        });
        subject.Check(ConformanceRules.Effect, () => CheckEffect(x, other));
        subject.Check(ConformanceRules.Stepwise, () =>
        {
            for (int row = 0; row < Count; row++)
            {
                Rows alone = Pass.Run(operation, x.Range(row, 1), outputs, position: row);
                subject.RequireClose(
                    ConformanceRules.Stepwise, expected, expected.With(row, alone), "in one pass", "alone, as a token is decoded",
                    "something that depends on the number of rows, or on a row's place in the pass.", row);
            }
        });
        subject.Check(ConformanceRules.Batch, () =>
        {
            Rows actual = Pass.RunAll(operation, x, outputs, [(9, 0, null), (1, 30, null), (Count - 10, 4, null)]);
            subject.RequireClose(ConformanceRules.Batch, expected, actual, "as rows of one sequence", "as rows of three sequences", "a result that depends on positions or on which sequence a row is of.");
        });
        subject.Check(ConformanceRules.ThreadCount, () =>
        {
            Rows one = Run(x, threads: 1);
            foreach (int threads in (int[])[2, 3, 5])
                subject.RequireEqual(ConformanceRules.ThreadCount, one, Run(x, threads), "with 1 thread", $"with {threads} threads", ThreadsUsually);
        });
        subject.Check(ConformanceRules.TwoThreads, () => Concurrently.Check(subject, () => Run(x), () => Run(other)));
        subject.Check(ConformanceRules.Allocation, () => Allocations.Check(subject, operation, Rows.Random(3, Allocations.TotalTokens, inputs), outputs, state: null));
    }

    /// <summary>For a normalization, whose output may be its input's memory.</summary>
    public void CheckInPlace() => subject.Check(ConformanceRules.Shapes, () =>
    {
        Rows x = Rows.Random(1, Count, inputs);
        Rows expected = Run(x);
        Pass.Run((_, _, in context) => operation(x.Span, x.Span, context), x, outputs);
        subject.RequireEqual(ConformanceRules.Shapes, expected, x, "in memory of its own", "in place", "values that are written before the last read of their row; y may be the same memory as x.");
    });

    /// <summary>One row and many, in matrices whose rows do not follow one another at once.</summary>
    public static void CheckShapes(Subject subject, RowsOperation operation, int inputs, int outputs, Func<ISequenceState?> createState) => subject.Check(ConformanceRules.Shapes, () =>
    {
        const string usually = "indexing Data as if rows were dense: rows may lie further apart (Stride), use MatrixSpan[row].";
        foreach (int count in (int[])[1, 2, 7, Count])
        {
            Rows x = Rows.Random(count, count, inputs), before = x.Copy();
            using ISequenceState? state = createState();
            Rows y = Pass.Run(operation, x, outputs, state);
            subject.RequireEqual(ConformanceRules.Shapes, before, x, "in the input before", "after: the input was changed", "work in place; the input is the residual stream of some layouts.");
            if (!x.GapsAreIntact() || !y.GapsAreIntact())
                throw subject.Failure(ConformanceRules.Shapes, $"with {count} rows it wrote between the rows of a matrix.", usually);
            if (y.NotFinite() is { } at)
            {
                string found = float.IsNaN(y[at.Row][at.Index]) ? "was not written (or is NaN)" : $"is {y[at.Row][at.Index]}";
                throw subject.Failure(ConformanceRules.Shapes, $"of {count} rows of {outputs} values, row {at.Row}, value {at.Index} {found}.", "a loop that ends early or a width that is not the output's; y holds anything beforehand and must be overwritten, not added to.");
            }
        }
    });

    private void CheckEffect(Rows x, Rows other)
    {
        Rows y = Run(x), changed = Run(other);
        for (int row = 0; row < Count; row++)
            if (y.SameRow(row, changed))
                throw subject.Failure(ConformanceRules.Effect, $"row {row} of the output does not depend on row {row} of the input.", "an output that is never computed, or weights that are all zero.");
        if (inputs == outputs && Enumerable.Range(0, Count).All(row => y.SameRow(row, x)))
            throw subject.Failure(ConformanceRules.Effect, "the output is the input.", "a copy in place of the computation.");
    }

    private Rows Run(Rows x, int threads = 2) => Pass.Run(operation, x, outputs, threads: threads);
}
