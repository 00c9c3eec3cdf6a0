using System.Text;

namespace Transformer.Core.Extensions.AI.Tests.Support;

/// <summary>A vocabulary made for tests: one token a byte, then special tokens of given names; the first begins, the second ends.</summary>
internal sealed class MarkTokenizer(params string[] marks) : ITokenizer
{
    private readonly string[] _marks = ["<s>", "</s>", .. marks];

    public int VocabSize => 256 + _marks.Length;

    public int? BosTokenId => 256;

    public bool AddsBos => true;

    public IReadOnlyList<int> EndTokenIds { get; } = [257];

    /// <summary>The id of a mark.</summary>
    public int Id(string mark) => 256 + Array.IndexOf(_marks, mark);

    public int[] Encode(string text, bool? addBos = null, bool parseSpecial = false)
    {
        List<int> ids = (addBos ?? AddsBos) ? [256] : [];
        while (text.Length > 0)
        {
            string? mark = parseSpecial ? _marks.FirstOrDefault(candidate => text.StartsWith(candidate, StringComparison.Ordinal)) : null;
            if (mark is not null)
                ids.Add(Id(mark));
            else
                ids.AddRange(Encoding.UTF8.GetBytes(text[..(char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1)]).Select(value => (int)value));
            text = text[(mark?.Length ?? (char.IsHighSurrogate(text[0]) && text.Length > 1 ? 2 : 1))..];
        }
        return [.. ids];
    }

    public string Decode(ReadOnlySpan<int> tokenIds) => Encoding.UTF8.GetString([.. tokenIds.ToArray().Where(id => id < 256).Select(id => (byte)id)]);

    public ReadOnlySpan<byte> TokenBytes(int tokenId) => tokenId < 256 ? new[] { (byte)tokenId } : default;

    public string TokenText(int tokenId) => tokenId < 256 ? $"<0x{tokenId:X2}>" : _marks[tokenId - 256];
}
