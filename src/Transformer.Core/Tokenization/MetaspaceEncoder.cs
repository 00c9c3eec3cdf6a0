using System.Text;
using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>SentencePiece's BPE: spaces become U+2581, characters merge over the whole text, what is left falls back to bytes.</summary>
/// <remarks>
/// Written here, not taken from the library: its LlamaTokenizer needs the 256 byte tokens in one run, fails on two
/// tokens of one text, and its BpeTokenizer has no byte fallback. Merging by a queue is O(n log n) in the text.
/// </remarks>
internal sealed class MetaspaceEncoder : ITextEncoder
{
    private const char EscapedSpace = '\u2581';

    private readonly string _file;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly IMergeRule _rule;
    private readonly int[] _byteIds;
    private readonly TextSplitter _splitter;

    /// <summary>Creates the encoder.</summary>
    /// <param name="file">The file named in messages.</param>
    /// <param name="vocabulary">Token text to id.</param>
    /// <param name="rule">Which neighbours merge.</param>
    /// <param name="byteIds">Per byte its token, or -1.</param>
    /// <param name="steps">What cuts the escaped text before merging.</param>
    public MetaspaceEncoder(string file, Dictionary<string, int> vocabulary, IMergeRule rule, int[] byteIds, IReadOnlyList<SplitStep> steps)
    {
        _file = file;
        _ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _rule = rule;
        _byteIds = byteIds;
        _splitter = new TextSplitter(steps);
    }

    /// <summary>Stands for what is neither a token nor bytes; null: it is left out.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether unknown neighbours become one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether every fragment begins with a space of its own, even one that begins with a space.</summary>
    public bool PrependsSpace { get; init; }

    /// <summary>Which fragments get a space unless they begin with one.</summary>
    public SpacePrefix Prefix { get; init; } = SpacePrefix.Never;

    /// <summary>Whether no token crosses the beginning of a word.</summary>
    public bool SplitsWords { get; init; }

    /// <summary>Whether a run of line breaks that is a token needs no merges.</summary>
    public bool PrefersWholeBreaks { get; init; }

    /// <inheritdoc/>
    public string Normalize(string text, bool startsFragment = true) => (PrependsSpace && startsFragment ? EscapedSpace + text : text).Replace(' ', EscapedSpace);

    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids)
    {
        if ((Prefix == SpacePrefix.Always || (Prefix == SpacePrefix.First && startsText)) && text[0] != EscapedSpace)
            text = EscapedSpace + text;

        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            int next = SplitsWords ? rest[1..].IndexOf(EscapedSpace) + 1 : 0;
            ReadOnlySpan<char> word = next > 0 ? rest[..next] : rest;
            EncodeWord(word, ids);
            rest = rest[word.Length..];
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        try
        {
            foreach ((int offset, int length) in _splitter.Split(word))
                EncodePiece(word.Slice(offset, length), ids);
        }
        catch (RegexMatchTimeoutException cause)
        {
            throw SplitPatterns.TooSlow(_file, cause);
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (PrefersWholeBreaks && !piece.ContainsAnyExcept('\n') && _ids.TryGetValue(piece, out int whole))
        {
            ids.Add(whole);
            return;
        }
        List<Symbol> symbols = SymbolMerger.Merge(piece, _ids, _rule);
        bool lastWasUnknown = false;
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            Symbol symbol = symbols[i];
            if (symbol.Id >= 0)
                ids.Add(symbol.Id);
            else if (!TryAddBytes(piece.Slice(symbol.Start, symbol.Length), ids) && Unknown is int unknown && !(FusesUnknown && lastWasUnknown))
                ids.Add(unknown);
            lastWasUnknown = symbol.Id < 0 && ids.Count > 0 && ids[^1] == Unknown;
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
