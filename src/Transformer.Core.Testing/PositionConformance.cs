using Transformer.Core.Numerics;

namespace Transformer.Core.Testing;

/// <summary>The checks of a position encoder.</summary>
internal sealed class PositionConformance(IPositionalEncoder positions, int hiddenSize, int heads, int headDim, Subject subject)
{
    private const int Count = 23;

    private static readonly int[] InOrder = [.. Enumerable.Range(0, Count)];

    /// <summary>One of the two methods that change rows in place.</summary>
    private delegate void RowMethod(ReadOnlySpan<int> positions, MatrixSpan rows);

    public void Check()
    {
        subject.Check(ConformanceRules.Effect, CheckEffect);
        CheckRows("AddToEmbeddings", positions.AddToEmbeddings, hiddenSize);
        CheckRows("Rotate", (at, rows) => positions.Rotate(at, rows, headDim), heads * headDim);
        subject.Check(ConformanceRules.Batch, CheckHeadsAlone);
        subject.Check(ConformanceRules.Batch, CheckBiasInPieces);
        subject.Check(ConformanceRules.TwoThreads, () => Concurrently.Check(subject, () => Everything(3), () => Everything(40)));
        subject.Check(ConformanceRules.Allocation, CheckAllocations);
    }

    private void CheckEffect()
    {
        bool biases = Bias(heads - 1, 20, 0, 21).AsSpan().ContainsAnyExcept(0f);
        if (biases && !positions.BiasesScores)
            throw subject.Failure(ConformanceRules.Effect, "BiasScores changes scores, but BiasesScores is false: attention will not call it.", "a property copied from an encoder that biases nothing.");

        Rows vectors = Rows.Random(1, 1, hiddenSize), queries = Rows.Random(2, 1, heads * headDim);
        Rows embeddedAt0 = Add(vectors, 0), embeddedAt5 = Add(vectors, 5), rotatedAt0 = Rotated(queries, 0), rotatedAt5 = Rotated(queries, 5);
        bool adds = !embeddedAt5.SameRow(0, vectors) || !embeddedAt0.SameRow(0, vectors);
        bool rotates = !rotatedAt5.SameRow(0, queries) || !rotatedAt0.SameRow(0, queries);
        if (!biases && !adds && !rotates)
        {
            throw subject.Failure(
                ConformanceRules.Effect, "none of AddToEmbeddings, Rotate and BiasScores changes anything.",
                "a method that is misspelt or has other parameters: the interface's own, which does nothing, is then called in its place, and nobody complains. Write it as 'void IPositionalEncoder.Rotate(...)' and the compiler will.");
        }
        bool tellsPlaces = (adds && !embeddedAt0.SameRow(0, embeddedAt5)) || (rotates && !rotatedAt0.SameRow(0, rotatedAt5))
            || (biases && !Bias(0, 20, 0, 1).AsSpan().SequenceEqual(Bias(0, 20, 15, 1)));
        if (!tellsPlaces)
            throw subject.Failure(ConformanceRules.Effect, "positions 0 and 5 are treated alike.", "a position that is not read, or taken from the wrong argument.");
    }

    private void CheckRows(string method, RowMethod change, int width)
    {
        Rows x = Rows.Random(1, Count, width);
        Rows expected = Changed(change, x, InOrder);
        subject.Check(ConformanceRules.Shapes, () =>
        {
            if (!expected.GapsAreIntact())
                throw subject.Failure(ConformanceRules.Shapes, $"{method} wrote between the rows of a matrix.", "indexing Data as if rows were dense: rows may lie further apart (Stride), use MatrixSpan[row].");
            if (expected.NotFinite() is { } at)
                throw subject.Failure(ConformanceRules.Shapes, $"{method}: row {at.Row}, value {at.Index} is {expected[at.Row][at.Index]}.", "a division by the position, which is 0 at first.");
        });
        subject.Check(ConformanceRules.Stateless, () => subject.RequireEqual(ConformanceRules.Stateless, expected, Changed(change, x, InOrder), "at first", $"when {method} was called again", "a counter of calls in a field; positions are given."));
        subject.Check(ConformanceRules.Stepwise, () =>
        {
            for (int row = 0; row < Count; row++)
            {
                Rows alone = Changed(change, x.Range(row, 1), [row]);
                subject.RequireClose(
                    ConformanceRules.Stepwise, expected, expected.With(row, alone), $"with {method} of positions 0 to {Count - 1}", $"with {method} of position {row} alone, as a token is decoded",
                    "the row's index taken for its position: use positions[row].", row);
            }
        });
        subject.Check(ConformanceRules.Batch, () =>
        {
            // Rows of two sequences: 10, 11, ... 22, then 0, 1, ... 9.
            int[] order = [.. InOrder[10..], .. InOrder[..10]];
            Rows moved = new(Count, width), back = new(Count, width);
            for (int row = 0; row < Count; row++)
                x[order[row]].CopyTo(moved[row]);
            Rows actual = Changed(change, moved, order);
            for (int row = 0; row < Count; row++)
                actual[row].CopyTo(back[order[row]]);
            subject.RequireClose(ConformanceRules.Batch, expected, back, $"with {method} of one sequence", $"with {method} where rows of two sequences stand in one pass", "counting on from the first position: every row has its own, positions[row].");
        });
    }

    /// <summary>Attention hands queries and keys over side by side.</summary>
    private void CheckHeadsAlone()
    {
        Rows x = Rows.Random(1, Count, heads * headDim);
        Rows expected = Changed(Rotate, x, InOrder);
        for (int head = 0; head < heads; head++)
        {
            Rows alone = new(Count, headDim), whole = expected.Copy();
            for (int row = 0; row < Count; row++)
                x[row].Slice(head * headDim, headDim).CopyTo(alone[row]);
            Rows rotated = Changed(Rotate, alone, InOrder);
            for (int row = 0; row < Count; row++)
                rotated[row].CopyTo(whole[row].Slice(head * headDim, headDim));
            subject.RequireClose(
                ConformanceRules.Batch, expected, whole, $"with Rotate of {heads} heads", $"with Rotate of head {head} alone",
                "a rotation over the whole row: each headDim features are a head of their own, and queries and keys may stand in one row.");
        }
    }

    /// <summary>Attention meets keys in blocks.</summary>
    private void CheckBiasInPieces()
    {
        for (int head = 0; head < heads; head++)
        {
            float[] whole = Bias(head, Count - 1, 0, Count);
            for (int first = 0; first < Count; first += 5)
            {
                int count = Math.Min(5, Count - first);
                float[] piece = Bias(head, Count - 1, first, count);
                for (int i = 0; i < count; i++)
                {
                    if (Math.Abs(piece[i] - whole[first + i]) > subject.Options.Tolerance * Math.Max(1, Math.Abs(whole[first + i])))
                    {
                        throw subject.Failure(
                            ConformanceRules.Batch, FormattableString.Invariant($"head {head}, query {Count - 1}, key {first + i}: BiasScores adds {whole[first + i]} to scores that begin with key 0, {piece[i]} to scores that begin with key {first}."),
                            "scores[i] taken for key i: it is the score of key firstKey + i.");
                    }
                }
            }
            if (whole.FirstOrDefault(value => float.IsNaN(value) || float.IsPositiveInfinity(value)) is float wrong && (float.IsNaN(wrong) || float.IsPositiveInfinity(wrong)))
                throw subject.Failure(ConformanceRules.Shapes, $"head {head}: BiasScores gives {wrong}.", "a logarithm or quotient of a distance, which is 0 for the query's own key.");
        }
    }

    private void CheckAllocations()
    {
        Rows hidden = Rows.Random(1, 1, hiddenSize), vectors = Rows.Random(2, 1, heads * headDim);
        float[] scores = new float[32];
        int[] at = new int[1];
        Allocations.Check(subject, token =>
        {
            at[0] = token;
            positions.AddToEmbeddings(at, hidden.Span);
            positions.Rotate(at, vectors.Span, headDim);
            positions.BiasScores(0, token, 0, scores.AsSpan(0, Math.Min(token + 1, scores.Length)));
        });
    }

    /// <summary>What all three methods do from one position on, in rows.</summary>
    private Rows Everything(int from)
    {
        int[] at = [.. Enumerable.Range(from, Count)];
        Rows result = new(3, Count * Math.Max(hiddenSize, heads * headDim));
        Flatten(Changed(positions.AddToEmbeddings, Rows.Random(from, Count, hiddenSize), at), result[0]);
        Flatten(Changed(Rotate, Rows.Random(from, Count, heads * headDim), at), result[1]);
        Bias(0, from + Count, from, Count).CopyTo(result[2]);
        return result;

        static void Flatten(Rows rows, Span<float> target)
        {
            for (int row = 0; row < rows.Count; row++)
                rows[row].CopyTo(target[(row * rows.Width)..]);
        }
    }

    private void Rotate(ReadOnlySpan<int> at, MatrixSpan rows) => positions.Rotate(at, rows, headDim);

    private Rows Add(Rows x, int position) => Changed(positions.AddToEmbeddings, x, [position]);

    private Rows Rotated(Rows x, int position) => Changed(Rotate, x, [position]);

    private static Rows Changed(RowMethod change, Rows x, int[] at)
    {
        Rows copy = x.Copy();
        change(at, copy.Span);
        return copy;
    }

    /// <summary>What is added to scores of 0.</summary>
    private float[] Bias(int head, int query, int firstKey, int count)
    {
        float[] scores = new float[count];
        positions.BiasScores(head, query, firstKey, scores);
        return scores;
    }
}
