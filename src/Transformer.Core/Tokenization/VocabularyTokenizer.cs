using System.Buffers;
using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>The tokenizer behind <see cref="TokenizerLoader"/>: added tokens are cut out first, the encoder does the rest.</summary>
internal sealed class VocabularyTokenizer : ITokenizer
{
    private readonly TokenTable _table;
    private readonly ITextEncoder _encoder;
    private readonly AddedTokens _always;
    private readonly AddedTokens _withSpecial;
    private readonly AddedTokens _alwaysNormalized;
    private readonly AddedTokens _withSpecialNormalized;
    private readonly bool _stripsLeadingSpace;

    /// <summary>Creates the tokenizer.</summary>
    /// <param name="table">Bytes and names of every id.</param>
    /// <param name="encoder">Encodes what lies between added tokens.</param>
    /// <param name="added">User-defined and special tokens.</param>
    /// <param name="stripsLeadingSpace">Whether the encoder puts a space before a text, which decoding takes away.</param>
    /// <param name="bos">Begins a sequence, if there is such a token.</param>
    /// <param name="addsBos">Whether it comes first by default.</param>
    /// <param name="ends">Tokens that end a text.</param>
    public VocabularyTokenizer(TokenTable table, ITextEncoder encoder, IReadOnlyList<AddedToken> added, bool stripsLeadingSpace, int? bos, bool addsBos, IReadOnlyList<int> ends)
    {
        _table = table;
        _encoder = encoder;
        AddedToken[] written = [.. added.Where(token => !token.IsNormalized)];
        AddedToken[] normalized = [.. added.Where(token => token.IsNormalized).Select(token => token with { Text = encoder.Normalize(token.Text) })];
        _always = new AddedTokens([.. written.Where(token => token.Kind == TokenKind.UserDefined)]);
        _withSpecial = new AddedTokens(written);
        _alwaysNormalized = new AddedTokens([.. normalized.Where(token => token.Kind == TokenKind.UserDefined)]);
        _withSpecialNormalized = new AddedTokens(normalized);
        _stripsLeadingSpace = stripsLeadingSpace;
        BosTokenId = bos;
        AddsBos = addsBos && bos is not null;
        EndTokenIds = ends;
    }

    /// <inheritdoc/>
    public int VocabSize => _table.Count;

    /// <inheritdoc/>
    public int? BosTokenId { get; }

    /// <inheritdoc/>
    public bool AddsBos { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> EndTokenIds { get; }

    /// <inheritdoc/>
    public int[] Encode(string text, bool? addBos = null, bool parseSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = EncodeText(WellFormedText.Of(text), parseSpecial, places: null);
        if ((addBos ?? AddsBos) && BosTokenId is int bos)
            ids.Insert(0, bos);
        return [.. ids];
    }

    /// <inheritdoc/>
    public int[] Encode(IReadOnlyList<TextPart> parts, bool? addBos = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        string text = WellFormedText.Of(string.Concat(parts.Select(part => part.Text)));
        List<int> ids = EncodeText(text, parseSpecial: true, TemplatePlaces.Of(parts));
        // a chat template writes the token itself; only the template's own text can have become it
        if ((addBos ?? AddsBos) && BosTokenId is int bos && (ids.Count == 0 || ids[0] != bos))
            ids.Insert(0, bos);
        return [.. ids];
    }

    private List<int> EncodeText(string text, bool parseSpecial, TemplatePlaces? places)
    {
        var ids = new List<int>(8 + text.Length / 3);
        AddedTokens added = parseSpecial ? _withSpecial : _always;
        int position = 0;
        while (position < text.Length)
        {
            AddedToken? token = added.FindNext(text, position, out Range fragment, out int next, places);
            (int start, int length) = fragment.GetOffsetAndLength(text.Length);
            if (length > 0)
            {
                string normalized = _encoder.Normalize(text.Substring(start, length));
                EncodeFragment(normalized, start == 0, parseSpecial, places?.Normalized(text, start, length, normalized, _encoder), ids);
            }
            if (token is not null)
                ids.Add(token.Id);
            position = next;
        }
        return ids;
    }

    private void EncodeFragment(string text, bool startsText, bool parseSpecial, TemplatePlaces? places, List<int> ids)
    {
        AddedTokens added = parseSpecial ? _withSpecialNormalized : _alwaysNormalized;
        int position = 0;
        while (position < text.Length)
        {
            AddedToken? token = added.FindNext(text, position, out Range fragment, out int next, places);
            (int start, int length) = fragment.GetOffsetAndLength(text.Length);
            if (length > 0)
                _encoder.Encode(length == text.Length ? text : text.Substring(start, length), startsText && start == 0, ids);
            if (token is not null)
                ids.Add(token.Id);
            position = next;
        }
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokenIds)
    {
        int length = 0;
        for (int i = 0; i < tokenIds.Length; i++)
            length = checked(length + _table.Bytes(tokenIds[i], i).Length);

        byte[] rented = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> bytes = rented.AsSpan(0, length);
        int written = 0;
        foreach (int id in tokenIds)
        {
            ReadOnlySpan<byte> token = _table.Bytes(id);
            token.CopyTo(bytes[written..]);
            written += token.Length;
        }
        if (_stripsLeadingSpace && length > 0 && bytes[0] == (byte)' ')
            bytes = bytes[1..];
        string text = Encoding.UTF8.GetString(bytes);
        ArrayPool<byte>.Shared.Return(rented);
        return text;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int tokenId) => _table.Bytes(tokenId);

    /// <inheritdoc/>
    public string TokenText(int tokenId) => _table.Text(tokenId);
}
