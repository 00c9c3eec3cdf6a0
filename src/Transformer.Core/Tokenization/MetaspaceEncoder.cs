using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>SentencePiece's BPE: spaces become U+2581, characters merge over the whole text, what is left falls back to bytes.</summary>
/// <remarks>
/// Written here, not taken from the library: its LlamaTokenizer needs the 256 byte tokens in one run, fails on two
/// tokens of one text, and its BpeTokenizer has no byte fallback. Merging by a queue is O(n log n) in the text.
/// </remarks>
internal sealed class MetaspaceEncoder : ITextEncoder
{
    private const char EscapedSpace = '\u2581';

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly IMergeRule _rule;
    private readonly int[] _byteIds;
    private readonly int? _unknown;
    private readonly bool _fusesUnknown;
    private readonly SpacePrefix _prefix;
    private readonly bool _splitsWords;
    private readonly bool _prefixesSpaces;

    /// <summary>Creates the encoder.</summary>
    /// <param name="vocabulary">Token text to id.</param>
    /// <param name="rule">Which neighbours merge.</param>
    /// <param name="byteIds">Per byte its token, or -1.</param>
    /// <param name="unknown">Stands for what is neither a token nor bytes; null: it is left out.</param>
    /// <param name="fusesUnknown">Whether unknown neighbours become one token.</param>
    /// <param name="prefix">Where a space is put before a text.</param>
    /// <param name="splitsWords">Whether no token crosses the beginning of a word.</param>
    /// <param name="prefixesSpaces">Whether a text that begins with a space gets another.</param>
    public MetaspaceEncoder(
        Dictionary<string, int> vocabulary,
        IMergeRule rule,
        int[] byteIds,
        int? unknown,
        bool fusesUnknown = false,
        SpacePrefix prefix = SpacePrefix.Always,
        bool splitsWords = false,
        bool prefixesSpaces = true)
    {
        _ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _rule = rule;
        _byteIds = byteIds;
        _unknown = unknown;
        _fusesUnknown = fusesUnknown;
        _prefix = prefix;
        _splitsWords = splitsWords;
        _prefixesSpaces = prefixesSpaces;
    }

    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids)
    {
        string escaped = text.Replace(' ', EscapedSpace);
        bool prefixed = _prefix == SpacePrefix.Always || (_prefix == SpacePrefix.First && startsText);
        if (prefixed && (_prefixesSpaces || escaped[0] != EscapedSpace))
            escaped = EscapedSpace + escaped;

        ReadOnlySpan<char> rest = escaped;
        while (!rest.IsEmpty)
        {
            int next = _splitsWords ? rest[1..].IndexOf(EscapedSpace) + 1 : 0;
            ReadOnlySpan<char> piece = next > 0 ? rest[..next] : rest;
            EncodePiece(piece, ids);
            rest = rest[piece.Length..];
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        List<Symbol> symbols = SymbolMerger.Merge(piece, _ids, _rule);
        bool lastWasUnknown = false;
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            Symbol symbol = symbols[i];
            if (symbol.Id >= 0)
                ids.Add(symbol.Id);
            else if (!TryAddBytes(piece.Slice(symbol.Start, symbol.Length), ids) && _unknown is int unknown && !(_fusesUnknown && lastWasUnknown))
                ids.Add(unknown);
            lastWasUnknown = symbol.Id < 0 && ids.Count > 0 && ids[^1] == _unknown;
        }
    }

    private bool TryAddBytes(ReadOnlySpan<char> character, List<int> ids)
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..Encoding.UTF8.GetBytes(character, bytes)];
        foreach (byte value in bytes)
        {
            if (_byteIds[value] < 0)
                return false;
        }
        foreach (byte value in bytes)
            ids.Add(_byteIds[value]);
        return true;
    }
}
