using System.Text;

namespace Transformer.Core.WebCompletion.Tests.Support;

/// <summary>Fifteen letters and an end: a vocabulary of which all alternatives can be asked for.</summary>
internal sealed class LetterTokenizer : ITokenizer
{
    private const string Letters = "abcdefghijklmno";

    public int VocabSize => Letters.Length + 1;

    public int? BosTokenId => null;

    public bool AddsBos => false;

    public IReadOnlyList<int> EndTokenIds { get; } = [Letters.Length];

    public int[] Encode(string text, bool? addBos = null, bool parseSpecial = false) => [.. text.Select(letter => Math.Max(Letters.IndexOf(letter), 0))];

    public string Decode(ReadOnlySpan<int> tokenIds) => string.Concat(tokenIds.ToArray().Where(id => id < Letters.Length).Select(id => Letters[id]));

    public ReadOnlySpan<byte> TokenBytes(int tokenId) => tokenId < Letters.Length ? Encoding.ASCII.GetBytes(Letters[tokenId].ToString()) : default;

    public string TokenText(int tokenId) => tokenId < Letters.Length ? Letters[tokenId].ToString() : "<end>";
}
