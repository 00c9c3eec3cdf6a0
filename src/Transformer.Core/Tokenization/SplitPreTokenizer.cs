using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>Cuts text into the pieces within which tokens may merge: each pattern in turn cuts the pieces of the one before.</summary>
/// <remarks>
/// What a pattern leaves unmatched is a piece too, never lost. The library's CompositePreTokenizer yields wrong
/// spans for these gaps, and its span overload returns a rented array before its iterator has run.
/// </remarks>
internal sealed class SplitPreTokenizer(IReadOnlyList<Regex> patterns) : PreTokenizer
{
    /// <summary>
    /// The library merges a piece in quadratic time. Longer pieces (thousands of letters or spaces without a break)
    /// are cut, so that time stays linear; only tokens at the cuts can differ from an uncut encoding, the text never.
    /// </summary>
    public const int MaxPieceLength = 8192;

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => Split(text);

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => Split(text);

    private List<(int Offset, int Length)> Split(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return [];
        string? replaced = StandIns.Replace(text, out int[]? offsets);
        ReadOnlySpan<char> seen = replaced is null ? text : replaced;

        List<(int Offset, int Length)> pieces = [(0, seen.Length)];
        foreach (Regex pattern in patterns)
            pieces = Split(seen, pieces, pattern);

        var result = new List<(int Offset, int Length)>(pieces.Count);
        foreach ((int offset, int length) in pieces)
        {
            int start = offsets is null ? offset : offsets[offset];
            int end = offsets is null ? offset + length : offsets[offset + length];
            while (end - start > MaxPieceLength)
            {
                int cut = start + MaxPieceLength - (char.IsLowSurrogate(text[start + MaxPieceLength]) ? 1 : 0);
                result.Add((start, cut - start));
                start = cut;
            }
            result.Add((start, end - start));
        }
        return result;
    }

    private static List<(int Offset, int Length)> Split(ReadOnlySpan<char> text, List<(int Offset, int Length)> pieces, Regex pattern)
    {
        var cut = new List<(int Offset, int Length)>(pieces.Count);
        foreach ((int offset, int length) in pieces)
        {
            int position = 0;
            // each piece is a text of its own: a look-ahead must not see beyond it
            foreach (ValueMatch match in pattern.EnumerateMatches(text.Slice(offset, length)))
            {
                if (match.Length == 0)
                    continue;
                if (match.Index > position)
                    cut.Add((offset + position, match.Index - position));
                cut.Add((offset + match.Index, match.Length));
                position = match.Index + match.Length;
            }
            if (position < length)
                cut.Add((offset + position, length - position));
        }
        return cut;
    }
}
