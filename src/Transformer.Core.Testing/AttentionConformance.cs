namespace Transformer.Core.Testing;

/// <summary>The checks of an attention block.</summary>
internal static class AttentionConformance
{
    private const int Length = 23;
    private const int Half = 12;

    public static void Check(IAttentionBlock attention, int hiddenSize, Subject subject)
    {
        SequenceOf sequences = new(attention, hiddenSize, subject.Options.ContextLength);
        Rows x = Rows.Random(1, Length, hiddenSize);
        Rows other = Rows.Random(2, Length, hiddenSize);

        RowwiseConformance.CheckShapes(subject, attention.Forward, hiddenSize, hiddenSize, () => attention.CreateState(subject.Options.ContextLength));
        subject.Check(ConformanceRules.Stateless, () =>
        {
            Rows first = sequences.Prefill(x);
            sequences.Prefill(other);
            subject.RequireEqual(
                ConformanceRules.Stateless, first, sequences.Prefill(x), "at first", "after another sequence was computed",
                "something of a sequence kept in a field of the component: it belongs to the ISequenceState that CreateState makes.");
        });
        subject.Check(ConformanceRules.Causality, () => CheckCausality(sequences, subject, x, other));
        subject.Check(ConformanceRules.Effect, () => CheckEffect(sequences, subject, x, other));
        subject.Check(ConformanceRules.Stepwise, () => CheckStepwise(sequences, subject, x));
        subject.Check(ConformanceRules.Batch, () => CheckBatch(sequences, subject, x, other));
        subject.Check(ConformanceRules.ThreadCount, () =>
        {
            Rows one = sequences.Prefill(x, threads: 1);
            foreach (int threads in (int[])[2, 3, 5])
                subject.RequireEqual(ConformanceRules.ThreadCount, one, sequences.Prefill(x, threads), "with 1 thread", $"with {threads} threads", RowwiseConformance.ThreadsUsually);
        });
        subject.Check(ConformanceRules.TwoThreads, () => Concurrently.Check(subject, () => sequences.Decode(x), () => sequences.Decode(other)));
        StateConformance.Check(sequences, subject, x, other);
        subject.Check(ConformanceRules.Allocation, () =>
        {
            using ISequenceState? state = attention.CreateState(subject.Options.ContextLength);
            Allocations.Check(subject, attention.Forward, Rows.Random(3, Allocations.TotalTokens, hiddenSize), hiddenSize, state);
        });
    }

    private static void CheckCausality(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        Rows expected = sequences.Prefill(x);
        foreach (int from in (int[])[1, Half, Length - 1])
        {
            Rows changed = sequences.Prefill(x.With(from, other.Range(from, Length - from)));
            subject.RequireEqual(
                ConformanceRules.Causality, expected.Range(0, from), changed.Range(0, from), "as it was", $"once the rows from {from} on were changed",
                "sums or averages over all rows of the pass, or a mask that lets a query see later keys. Row i may read rows 0 to i of its own sequence.");
        }
    }

    private static void CheckEffect(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        Rows expected = sequences.Prefill(x);
        Rows changedLast = sequences.Prefill(x.With(Length - 1, other.Range(0, 1)));
        if (changedLast.SameRow(Length - 1, expected))
            throw subject.Failure(ConformanceRules.Effect, $"row {Length - 1} of the output does not depend on row {Length - 1} of the input.", "a query that sees only the keys before its own (off by one), or an output that is never written.");
        Rows changedEarlier = sequences.Prefill(x.With(0, other.Range(0, Length - 1)));
        if (changedEarlier.SameRow(Length - 1, expected))
            throw subject.Failure(ConformanceRules.Effect, $"row {Length - 1} of the output depends on none of the rows before it.", "keys and values that are not added to the state, or a state that is not read.");
    }

    private static void CheckStepwise(SequenceOf sequences, Subject subject, Rows x)
    {
        const string usually = "positions counted from the first row of the pass: they are in context.Positions, and rows of earlier passes are in the state. Also a state that is not carried over, or an off-by-one in its length.";
        Rows expected = sequences.Prefill(x);
        subject.RequireClose(ConformanceRules.Stepwise, expected, sequences.Decode(x), "in one pass", "token by token", usually);
        using ISequenceState? state = sequences.Create();
        Rows first = sequences.Run(x.Range(0, Half), state, 0);
        Rows second = sequences.Run(x.Range(Half, Length - Half), state, Half);
        subject.RequireClose(ConformanceRules.Stepwise, expected, expected.With(0, first).With(Half, second), "in one pass", $"in passes of {Half} and {Length - Half} tokens", usually);
    }

    private static void CheckBatch(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        // One that begins, one that goes on with several tokens, one that decodes; each with another past.
        (int Before, int Count)[] parts = [(0, 7), (9, 4), (Length - 1, 1)];
        Rows[] sources = [other, x, Rows.Random(4, Length, x.Width)];
        ISequenceState?[] together = new ISequenceState?[parts.Length];
        Rows input = new(parts.Sum(part => part.Count), x.Width);
        Rows expected = new(input.Count, x.Width);
        int row = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            using ISequenceState? alone = sequences.Create();
            together[i] = sequences.Create();
            if (parts[i].Before > 0)
            {
                sequences.Run(sources[i].Range(0, parts[i].Before), alone, 0);
                sequences.Run(sources[i].Range(0, parts[i].Before), together[i], 0);
            }
            Rows next = sources[i].Range(parts[i].Before, parts[i].Count);
            input = input.With(row, next);
            expected = expected.With(row, sequences.Run(next, alone, parts[i].Before));
            row += parts[i].Count;
        }
        Rows actual = sequences.RunAll(input, [.. parts.Zip(together, (part, state) => (part.Count, part.Before, state))]);
        subject.RequireClose(
            ConformanceRules.Batch, expected, actual, "alone", $"in one pass with other sequences (rows 0-6, 7-10 and 11)",
            "rows of all sequences taken for one: walk context.Sequences, whose Start and Count say which rows belong together, and take context.State(i) for each.");
        foreach (ISequenceState? state in together)
            state?.Dispose();
    }
}
