using System.Text;

namespace Transformer.Core.Tests.Support;

/// <summary>
/// A vocabulary of 50 made for tests: 0 begins, 1 ends, 2 to 27 are a to z, 28 is a space, 29 and 30 are the halves of
/// é, the others are the words w31 to w49.
/// </summary>
internal sealed class LetterTokenizer(bool hasBos = true, bool addsBos = true) : ITokenizer
{
    public const int Bos = 0;
    public const int End = 1;

    public int VocabSize => TinyModels.Vocabulary;

    public int? BosTokenId => hasBos ? Bos : null;

    public bool AddsBos => addsBos;

    public IReadOnlyList<int> EndTokenIds { get; } = [End];

    public int[] Encode(string text, bool? addBos = null, bool parseSpecial = false)
    {
        List<int> ids = hasBos && (addBos ?? addsBos) ? [Bos] : [];
        if (parseSpecial && text.StartsWith("<end>", StringComparison.Ordinal))
        {
            ids.Add(End);
            text = text["<end>".Length..];
        }
        ids.AddRange(text.Select(Letter));
        return [.. ids];
    }

    public string Decode(ReadOnlySpan<int> tokenIds)
    {
        List<byte> bytes = [];
        foreach (int id in tokenIds)
            bytes.AddRange(TokenBytes(id));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    public ReadOnlySpan<byte> TokenBytes(int tokenId) => tokenId switch
    {
        Bos or End => default,
        >= 2 and <= 27 => new[] { (byte)('a' + tokenId - 2) },
        28 => " "u8,
        29 => new byte[] { 0xC3 },
        30 => new byte[] { 0xA9 },
        _ => Encoding.UTF8.GetBytes($"w{tokenId}"),
    };

    public string TokenText(int tokenId) => $"<{tokenId}>";

    /// <summary>The token of a letter or space; others are x.</summary>
    public static int Letter(char letter) => letter is >= 'a' and <= 'z' ? letter - 'a' + 2 : letter == ' ' ? 28 : Letter('x');
}
