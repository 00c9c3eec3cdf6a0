using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>Text without unpaired surrogates, which have no UTF-8 bytes.</summary>
internal static class WellFormedText
{
    /// <summary>The text itself if it is well formed, otherwise a copy with U+FFFD for each unpaired surrogate.</summary>
    public static string Of(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return text;
        var whole = new StringBuilder(text.Length);
        // the enumerator itself yields U+FFFD for what is unpaired
        foreach (Rune rune in text.EnumerateRunes())
            whole.Append(rune.ToString());
        return whole.ToString();
    }
}
