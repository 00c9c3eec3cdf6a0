using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>One pattern that cuts text.</summary>
/// <param name="Pattern">What it looks for.</param>
/// <param name="Behavior">What becomes of the matches.</param>
/// <param name="Inverts">Whether gaps take the part of matches, and matches that of gaps.</param>
internal sealed record SplitStep(Regex Pattern, SplitBehavior Behavior = SplitBehavior.Isolated, bool Inverts = false)
{
    /// <summary>Cuts a piece.</summary>
    /// <param name="piece">The piece, not empty.</param>
    /// <param name="offset">Where it lies in the text.</param>
    /// <param name="cut">Where its parts go.</param>
    /// <exception cref="RegexMatchTimeoutException">The pattern takes too long.</exception>
    public void Cut(ReadOnlySpan<char> piece, int offset, List<(int Offset, int Length)> cut)
    {
        int position = 0;
        bool? previous = null;
        foreach (ValueMatch match in Pattern.EnumerateMatches(piece))
        {
            // an empty match cuts, too
            Add(offset + position, match.Index - position, Inverts, ref previous, cut);
            Add(offset + match.Index, match.Length, !Inverts, ref previous, cut);
            position = match.Index + match.Length;
        }
        Add(offset + position, piece.Length - position, Inverts, ref previous, cut);
    }

    // previous: whether the part before was a match
    private void Add(int offset, int length, bool isMatch, ref bool? previous, List<(int Offset, int Length)> cut)
    {
        if (length == 0)
            return;
        bool joined = previous is bool last && Behavior switch
        {
            SplitBehavior.MergedWithPrevious => isMatch && !last,
            SplitBehavior.MergedWithNext => !isMatch && last,
            SplitBehavior.Contiguous => isMatch == last,
            _ => false,
        };
        if (joined)
            cut[^1] = (cut[^1].Offset, cut[^1].Length + length);
        else if (!isMatch || Behavior != SplitBehavior.Removed)
            cut.Add((offset, length));
        previous = isMatch;
    }
}
