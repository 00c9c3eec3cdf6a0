using System.Globalization;
using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>
/// Replaces each character above U+FFFF by one below it of the same general category, because .NET's regular
/// expressions see UTF-16 units: <c>\p{L}</c> misses such letters, and <c>[^\s]?</c> would take half of an emoji.
/// </summary>
/// <remarks>
/// The stand-ins lie outside every range that the known patterns spell out (CJK, Kana, U+0800 to U+4E00, Latin up to
/// U+01BF except U+01BB, full-width forms): only their category may match.
/// </remarks>
internal static class StandIns
{
    /// <summary>The text as the patterns shall see it.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <param name="offsets">Per character of the result its offset in <paramref name="text"/>, and the length of it at the end; null if nothing was replaced.</param>
    public static string? Replace(ReadOnlySpan<char> text, out int[]? offsets)
    {
        offsets = null;
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return null;

        var shortened = new StringBuilder(text.Length);
        var starts = new List<int>(text.Length);
        int position = 0;
        while (position < text.Length)
        {
            starts.Add(position);
            Rune.DecodeFromUtf16(text[position..], out Rune rune, out int used);
            shortened.Append(rune.IsBmp ? (char)rune.Value : For(rune));
            position += used;
        }
        starts.Add(text.Length);
        offsets = [.. starts];
        return shortened.ToString();
    }

    private static char For(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => IsListedCased(rune.Value) ? '\u0100' : '\uA7B4',
        UnicodeCategory.LowercaseLetter => IsListedCased(rune.Value) ? '\u0101' : '\uA7B5',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u01BB',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\uFE33',
        UnicodeCategory.DashPunctuation => '\u058A',
        UnicodeCategory.OpenPunctuation => '\uFE35',
        UnicodeCategory.ClosePunctuation => '\uFE36',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u055A',
        UnicodeCategory.MathSymbol => '\u00B1',
        UnicodeCategory.CurrencySymbol => '\u00A4',
        UnicodeCategory.ModifierSymbol => '\u02C2',
        UnicodeCategory.OtherSymbol => '\u0482',
        UnicodeCategory.Format => '\u00AD',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };

    // the cased scripts above U+FFFF that DeepSeek's first pattern lists by range beside Latin and its kin
    private static bool IsListedCased(int value) => value is
        (>= 0x10400 and <= 0x1044F) or (>= 0x104B0 and <= 0x104D3) or (>= 0x104D8 and <= 0x104FB)
        or (>= 0x10C80 and <= 0x10CB2) or (>= 0x10CC0 and <= 0x10CF2) or (>= 0x118A0 and <= 0x118DF) or (>= 0x1E900 and <= 0x1E943);
}
