using System.Text.Json;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Compares ids of many texts and names those that differ.</summary>
internal static class Comparison
{
    private const int Shown = 12;

    /// <summary>Fails with the texts whose ids differ from the reference, or that decoding does not give back.</summary>
    /// <param name="texts">What to encode.</param>
    /// <param name="reference">Ids of the other engine.</param>
    /// <param name="ours">Our tokenizer.</param>
    /// <param name="parseSpecial">Whether both parse special tokens.</param>
    /// <param name="decodes">Whether decoding gives the text back; false for vocabularies that lose some of it.</param>
    public static void Check(IEnumerable<string> texts, Func<string, int[]> reference, ITokenizer ours, bool parseSpecial = false, Func<string, string>? decodes = null)
    {
        int count = 0, failures = 0;
        var shown = new List<string>();
        foreach (string text in texts)
        {
            count++;
            int[] expected = reference(text), found = ours.Encode(text, addBos: false, parseSpecial);
            bool whole = Array.TrueForAll(found, id => !ours.TokenBytes(id).IsEmpty);
            string decoded = decodes is null ? text : decodes(text);
            string? failure = !expected.AsSpan().SequenceEqual(found) ? Difference(expected, found, ours)
                : whole && ours.Decode(found) != decoded ? $"decodes to {JsonEncodedText.Encode(ours.Decode(found))}"
                : null;
            if (failure is not null && ++failures <= Shown)
                shown.Add($"{JsonEncodedText.Encode(text.Length > 300 ? text[..300] : text)}: {failure}");
        }
        count.Should().BePositive();
        shown.Should().BeEmpty("all of {0} texts have the reference's ids, but {1} do not", count, failures);
    }

    private static string Difference(int[] expected, int[] found, ITokenizer tokenizer)
    {
        int same = expected.AsSpan().CommonPrefixLength(found);
        string Names(int[] ids) => string.Join(' ', ids.Skip(same).Take(6).Select(id => $"{id}:{JsonEncodedText.Encode(tokenizer.TokenText(id))}"));
        return $"after {same} equal ids expected {Names(expected)}, found {Names(found)}";
    }
}
