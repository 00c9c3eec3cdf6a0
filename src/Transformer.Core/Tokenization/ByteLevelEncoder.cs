using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>Byte-level BPE (GPT-2, Llama 3, Qwen, DeepSeek) by the library's <see cref="BpeTokenizer"/>.</summary>
internal sealed class ByteLevelEncoder : ITextEncoder
{
    private readonly string _file;
    private readonly BpeTokenizer _bpe;
    private readonly bool _composesText;
    private readonly bool _addsPrefixSpace;

    /// <summary>Creates the encoder.</summary>
    /// <param name="file">The file named in messages.</param>
    /// <param name="vocabulary">Token, spelled in the byte alphabet, to id.</param>
    /// <param name="merges">Pairs <c>a b</c>, the first to merge first.</param>
    /// <param name="patterns">What cuts the text before merging.</param>
    /// <param name="composesText">Whether the text is brought to NFC first.</param>
    /// <param name="prefersWholePieces">Whether a piece that is a token needs no merges.</param>
    /// <param name="addsPrefixSpace">Whether a fragment that does not begin with a space gets one.</param>
    /// <param name="unknownToken">Stands for a byte that the vocabulary lacks; null: it is left out, as the reference does.</param>
    /// <exception cref="ModelFileException">The merges do not fit the vocabulary.</exception>
    public ByteLevelEncoder(
        string file,
        Dictionary<string, int> vocabulary,
        IReadOnlyList<string> merges,
        IReadOnlyList<Regex> patterns,
        bool composesText = false,
        bool prefersWholePieces = false,
        bool addsPrefixSpace = false,
        string? unknownToken = null)
    {
        _file = file;
        _composesText = composesText;
        _addsPrefixSpace = addsPrefixSpace;
        var options = new BpeOptions(vocabulary)
        {
            Merges = merges,
            ByteLevel = true,
            // without one the library drops white space
            PreTokenizer = new SplitPreTokenizer(patterns),
            SpecialTokens = prefersWholePieces ? WholePieces(vocabulary) : null,
            UnknownToken = unknownToken,
        };
        try
        {
            _bpe = BpeTokenizer.Create(options);
        }
        catch (Exception cause) when (cause is ArgumentException or InvalidOperationException)
        {
            throw new ModelFileException(file, "merges", "pairs of tokens of the vocabulary, each once", cause.Message.TrimEnd('.'), cause);
        }
    }

    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids)
    {
        if (_composesText)
            text = CanonicalComposition.Of(text);
        if (_addsPrefixSpace && text[0] != ' ')
            text = " " + text;
        try
        {
            ids.AddRange(_bpe.EncodeToIds(text));
        }
        catch (RegexMatchTimeoutException cause)
        {
            throw new ModelFileException(_file, "pre-tokenizer pattern", $"a match within {cause.MatchTimeout.TotalSeconds} s", cause.Pattern, cause);
        }
    }

    // The library has no ignore_merges. But what it calls special tokens is looked up per piece, before merging, and
    // only cut out of the text by a pre-tokenizer that does so; ours does not. That is the same thing.
    private static Dictionary<string, int> WholePieces(Dictionary<string, int> vocabulary)
    {
        var pieces = new Dictionary<string, int>(vocabulary.Count);
        foreach ((string token, int id) in vocabulary)
        {
            byte[] bytes = ByteLevelAlphabet.BytesOf(token);
            if (System.Text.Unicode.Utf8.IsValid(bytes))
                pieces.TryAdd(System.Text.Encoding.UTF8.GetString(bytes), id);
        }
        return pieces;
    }
}
