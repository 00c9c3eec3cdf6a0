namespace Transformer.Core.Testing;

/// <summary>The checks of an embedding.</summary>
internal sealed class EmbeddingConformance(IEmbedding embedding, int vocabSize, int hiddenSize, Subject subject)
{
    private const int MostIds = 200;

    public void Check()
    {
        int[] ids = [.. Enumerable.Range(0, Math.Min(vocabSize, MostIds)), vocabSize - 1];
        subject.Check(ConformanceRules.Shapes, () =>
        {
            foreach (int count in (int[])[1, 2, ids.Length])
            {
                Rows rows = Embed(ids[..count]);
                if (!rows.GapsAreIntact())
                    throw subject.Failure(ConformanceRules.Shapes, $"with {count} ids it wrote between the rows of a matrix.", "indexing Data as if rows were dense: use MatrixSpan[row].");
                if (rows.NotFinite() is { } at)
                    throw subject.Failure(ConformanceRules.Shapes, $"row {at.Row} (id {ids[at.Row]}), value {at.Index} was not written or is no finite number.", "a width that is not HiddenSize; hidden holds anything beforehand.");
            }
        });
        subject.Check(ConformanceRules.Stateless, () => subject.RequireEqual(ConformanceRules.Stateless, Embed(ids), Embed(ids), "at first", "when embedded again", "a counter in a field."));
        subject.Check(ConformanceRules.Causality, () =>
        {
            Rows expected = Embed(ids);
            for (int i = 0; i < ids.Length; i++)
            {
                Rows alone = Embed([ids[i]]);
                subject.RequireEqual(ConformanceRules.Causality, expected, expected.With(i, alone), "among other ids", $"alone (id {ids[i]})", "a row that depends on other ids or on its place; positions are the position encoder's.", i);
            }
            int[] reversed = [.. ids.AsEnumerable().Reverse()];
            Rows backwards = Embed(reversed);
            for (int i = 0; i < ids.Length; i++)
                subject.RequireEqual(ConformanceRules.Causality, expected, expected.With(i, backwards.Range(ids.Length - 1 - i, 1)), "in order", "in reversed order", "a row that depends on the ids before it.", i);
        });
        subject.Check(ConformanceRules.Effect, () =>
        {
            Rows rows = Embed(ids);
            if (vocabSize > 1 && Enumerable.Range(1, ids.Length - 1).All(i => rows.SameRow(i, rows.With(i, rows.Range(0, 1)))))
                throw subject.Failure(ConformanceRules.Effect, "all ids have the same vector.", "an id that is not read.");
        });
        subject.Check(ConformanceRules.TwoThreads, () => Concurrently.Check(subject, () => Embed(ids), () => Embed([.. ids.AsEnumerable().Reverse()])));
        subject.Check(ConformanceRules.Allocation, () =>
        {
            Rows row = new(1, hiddenSize);
            int[] one = new int[1];
            Allocations.Check(subject, token =>
            {
                one[0] = token % vocabSize;
                embedding.Forward(one, row.Span);
            });
        });
    }

    private Rows Embed(int[] ids)
    {
        Rows rows = Rows.Unwritten(ids.Length, hiddenSize);
        embedding.Forward(ids, rows.Span);
        return rows;
    }
}
