using System.Buffers;

namespace Transformer.Core.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost first, and of those that begin at one place the longest.</summary>
internal sealed class AddedTokens
{
    private readonly SearchValues<string>? _any;
    private readonly Dictionary<char, AddedToken[]> _byFirst = [];

    /// <summary>Creates the finder; of two tokens with one spelling the first wins.</summary>
    public AddedTokens(IReadOnlyList<AddedToken> tokens)
    {
        AddedToken[] distinct = [.. tokens.DistinctBy(token => token.Text)];
        if (distinct.Length == 0)
            return;
        _any = SearchValues.Create([.. distinct.Select(token => token.Text)], StringComparison.Ordinal);
        foreach (IGrouping<char, AddedToken> group in distinct.GroupBy(token => token.Text[0]))
            _byFirst[group.Key] = [.. group.OrderByDescending(token => token.Text.Length)];
    }

    /// <summary>Finds the next added token.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">Where to begin.</param>
    /// <param name="before">The text before the token, or all that is left if there is none.</param>
    /// <param name="next">Where the text goes on.</param>
    /// <returns>The token, or null if there is none.</returns>
    public AddedToken? FindNext(string text, int position, out Range before, out int next)
    {
        int found = _any is null ? -1 : text.AsSpan(position).IndexOfAny(_any);
        if (found < 0)
        {
            before = position..text.Length;
            next = text.Length;
            return null;
        }

        int start = position + found;
        AddedToken token = Array.Find(_byFirst[text[start]], candidate => text.AsSpan(start).StartsWith(candidate.Text, StringComparison.Ordinal))!;
        next = start + token.Text.Length;
        if (token.StripsRight)
        {
            while (next < text.Length && char.IsWhiteSpace(text[next]))
                next++;
        }
        if (token.StripsLeft)
        {
            while (start > position && char.IsWhiteSpace(text[start - 1]))
                start--;
        }
        before = position..start;
        return token;
    }
}
