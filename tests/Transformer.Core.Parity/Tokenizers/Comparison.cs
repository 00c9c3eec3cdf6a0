using System.Text.Json;
using Transformer.Core.Tokenization;

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
    public static void Check(IEnumerable<string> texts, Func<string, int[]> reference, ITokenizer ours, bool parseSpecial = false)
    {
        int count = 0, failures = 0;
        var shown = new List<string>();
        foreach (string text in texts)
        {
            count++;
            int[] expected = reference(text), found = ours.Encode(text, addBos: false, parseSpecial);
            bool whole = Array.TrueForAll(found, id => !ours.TokenBytes(id).IsEmpty);
            string? failure = !expected.AsSpan().SequenceEqual(found) ? Difference(expected, found, ours)
                : whole && !Same(ours.Decode(found), text) ? $"decodes to {JsonEncodedText.Encode(ours.Decode(found))}"
                : null;
            if (failure is not null && ++failures <= Shown)
                shown.Add($"{JsonEncodedText.Encode(text.Length > 300 ? text[..300] : text)}: {failure}");
        }
        count.Should().BePositive();
        shown.Should().BeEmpty("all of {0} texts have the reference's ids, but {1} do not", count, failures);
    }

    // what tokenizers cannot give back: the form of composed characters (Qwen), and U+2581, which stands for a space
    private static bool Same(string decoded, string text) =>
        decoded == text || decoded == CanonicalComposition.Of(text) || decoded == text.Replace('\u2581', ' ');

    private static string Difference(int[] expected, int[] found, ITokenizer tokenizer)
    {
        int same = expected.AsSpan().CommonPrefixLength(found);
        string Names(int[] ids) => string.Join(' ', ids.Skip(same).Take(6).Select(id => $"{id}:{JsonEncodedText.Encode(tokenizer.TokenText(id))}"));
        return $"after {same} equal ids expected {Names(expected)}, found {Names(found)}";
    }
}
