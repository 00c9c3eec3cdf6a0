using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>Byte-level BPE (GPT-2, Llama 3, Qwen, DeepSeek): the library's <see cref="BpeTokenizer"/> merges the pieces.</summary>
internal sealed class ByteLevelEncoder : ITextEncoder
{
    private readonly string _file;
    private readonly BpeTokenizer _bpe;
    private readonly TextSplitter _splitter;
    private readonly LongPieceEncoder _longPieces;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholePieces;
    private readonly bool _composesText;
    private readonly bool _addsPrefixSpace;

    /// <summary>Creates the encoder.</summary>
    /// <param name="file">The file named in messages.</param>
    /// <param name="vocabulary">Token, spelled in the byte alphabet, to id.</param>
    /// <param name="merges">Pairs <c>a b</c>, the first to merge first.</param>
    /// <param name="steps">What cuts the text before merging.</param>
    /// <param name="composesText">Whether the text is brought to NFC first.</param>
    /// <param name="prefersWholePieces">Whether a piece that is a token needs no merges (<c>ignore_merges</c>).</param>
    /// <param name="addsPrefixSpace">Whether a fragment that does not begin with a space gets one.</param>
    /// <param name="unknownToken">Stands for a byte that the vocabulary lacks; null: it is left out, as the reference does.</param>
    /// <exception cref="ModelFileException">The merges do not fit the vocabulary.</exception>
    public ByteLevelEncoder(
        string file,
        Dictionary<string, int> vocabulary,
        IReadOnlyList<string> merges,
        IReadOnlyList<SplitStep> steps,
        bool composesText = false,
        bool prefersWholePieces = false,
        bool addsPrefixSpace = false,
        string? unknownToken = null)
    {
        _file = file;
        _splitter = new TextSplitter(steps);
        _composesText = composesText;
        _addsPrefixSpace = addsPrefixSpace;
        _wholePieces = prefersWholePieces ? WholePieces(vocabulary).GetAlternateLookup<ReadOnlySpan<char>>() : null;
        var options = new BpeOptions(vocabulary) { Merges = merges, ByteLevel = true, UnknownToken = unknownToken };
        try
        {
            _bpe = BpeTokenizer.Create(options);
        }
        catch (Exception cause) when (cause is ArgumentException or InvalidOperationException)
        {
            throw new ModelFileException(file, "merges", "pairs of tokens of the vocabulary, each once", cause.Message.TrimEnd('.'), cause);
        }
        _longPieces = new LongPieceEncoder(vocabulary, () => RankRule.Of(vocabulary, merges), unknownToken is null ? null : vocabulary[unknownToken]);
    }

    /// <inheritdoc/>
    public string Normalize(string text, bool startsFragment = true) => _composesText ? CanonicalComposition.Of(text) : text;

    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids)
    {
        if (_addsPrefixSpace && text[0] != ' ')
            text = " " + text;
        try
        {
            foreach ((int offset, int length) in _splitter.Split(text))
                EncodePiece(text.AsSpan(offset, length), ids);
        }
        catch (RegexMatchTimeoutException cause)
        {
            throw SplitPatterns.TooSlow(_file, cause);
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, List<int> ids)
    {
        if (_wholePieces is { } whole && whole.TryGetValue(piece, out int id))
            ids.Add(id);
        else if (piece.Length > LongPieceEncoder.MinLength)
            _longPieces.Encode(piece, ids);
        else
            ids.AddRange(_bpe.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
    }

    private static Dictionary<string, int> WholePieces(Dictionary<string, int> vocabulary)
    {
        var pieces = new Dictionary<string, int>(vocabulary.Count);
        foreach ((string token, int id) in vocabulary)
        {
            byte[] bytes = ByteLevelAlphabet.BytesOf(token);
            if (Utf8.IsValid(bytes))
                pieces.TryAdd(Encoding.UTF8.GetString(bytes), id);
        }
        return pieces;
    }
}
