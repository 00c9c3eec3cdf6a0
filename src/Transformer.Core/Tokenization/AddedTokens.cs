using System.Buffers;
using System.Globalization;
using System.Text;

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
    /// <param name="places">Where special tokens count; null: everywhere.</param>
    /// <returns>The token, or null if there is none.</returns>
    public AddedToken? FindNext(string text, int position, out Range before, out int next, TemplatePlaces? places = null)
    {
        AddedToken? token = Find(text, position, places, out int start);
        if (token is null)
        {
            before = position..text.Length;
            next = text.Length;
            return null;
        }

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

    private AddedToken? Find(string text, int position, TemplatePlaces? places, out int start)
    {
        start = position;
        while (_any is not null && text.AsSpan(start).IndexOfAny(_any) is int found and >= 0)
        {
            start += found;
            ReadOnlySpan<char> rest = text.AsSpan(start);
            int before = start;
            foreach (AddedToken candidate in _byFirst[rest[0]])
            {
                if (!rest.StartsWith(candidate.Text, StringComparison.Ordinal))
                    continue;
                // as if the token did not exist: a shorter one may begin here, another one within
                if (candidate.Kind == TokenKind.Special && places?.Contains(start, candidate.Text.Length) == false)
                    continue;
                int end = start + candidate.Text.Length;
                if (!candidate.IsWord || (!EndsWithWord(text.AsSpan(0, start)) && !StartsWithWord(text.AsSpan(end))))
                    return candidate;
                // as the reference does: what the longest match covers is not searched again
                start = end;
                break;
            }
            if (start == before)
                start++;
        }
        return null;
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    // Unicode Technical Standard 18's \w: alphabetic, marks, decimal digits, connectors, joiners
    private static bool IsWord(Rune rune) => Rune.IsLetter(rune) || rune.Value is 0x200C or 0x200D || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
