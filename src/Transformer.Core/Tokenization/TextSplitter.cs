namespace Transformer.Core.Tokenization;

/// <summary>Cuts text into the pieces within which tokens may merge: each step in turn cuts the pieces of the one before.</summary>
/// <remarks>
/// What a pattern leaves unmatched is a piece too, lost only where the step says so. The library's
/// CompositePreTokenizer yields wrong spans for these gaps, and its span overload returns a rented array before its
/// iterator has run.
/// </remarks>
internal sealed class TextSplitter(IReadOnlyList<SplitStep> steps)
{
    /// <summary>The pieces of a text.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public List<(int Offset, int Length)> Split(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return [];
        if (steps.Count == 0)
            return [(0, text.Length)];
        string? replaced = StandIns.Replace(text, out int[]? offsets);
        ReadOnlySpan<char> seen = replaced is null ? text : replaced;

        List<(int Offset, int Length)> pieces = [(0, seen.Length)];
        foreach (SplitStep step in steps)
        {
            var cut = new List<(int Offset, int Length)>(pieces.Count);
            // each piece is a text of its own: a look-ahead must not see beyond it
            foreach ((int offset, int length) in pieces)
                step.Cut(seen.Slice(offset, length), offset, cut);
            pieces = cut;
        }
        if (offsets is not null)
        {
            for (int i = 0; i < pieces.Count; i++)
            {
                int start = offsets[pieces[i].Offset];
                pieces[i] = (start, offsets[pieces[i].Offset + pieces[i].Length] - start);
            }
        }
        return pieces;
    }
}
