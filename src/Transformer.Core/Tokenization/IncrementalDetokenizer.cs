using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>
/// Turns tokens into text one by one, for streaming. Never gives half a character: bytes of an unfinished one wait for
/// the next token; bytes that can begin none become U+FFFD at once.
/// </summary>
/// <remarks>
/// The texts of all <see cref="Append"/> calls and <see cref="Flush"/> together are <see cref="ITokenizer.Decode"/> of the same
/// tokens, except for the first space of a continuation. Holds the state of one stream: not thread-safe.
/// </remarks>
public sealed class IncrementalDetokenizer
{
    private readonly ITokenizer _tokenizer;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly bool _continues;
    private char[] _characters = new char[64];
    private bool _atStart;

    /// <summary>Begins a stream.</summary>
    /// <param name="tokenizer">The tokenizer that made the tokens.</param>
    /// <param name="continuesText">
    /// Whether the tokens go on from a text that is already shown, such as a prompt: then the space before the first
    /// word is kept. Otherwise the space that a SentencePiece tokenizer puts before a text is dropped, as Decode does.
    /// </param>
    public IncrementalDetokenizer(ITokenizer tokenizer, bool continuesText = false)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _continues = continuesText;
        _atStart = !continuesText;
    }

    /// <summary>The text that a token completes: possibly empty, possibly several characters.</summary>
    /// <param name="tokenId">The next token; a special token has no text.</param>
    /// <exception cref="TokenOutOfRangeException">The id is out of range; the stream stays as it was.</exception>
    public string Append(int tokenId)
    {
        ReadOnlySpan<byte> bytes = _tokenizer.TokenBytes(tokenId);
        if (bytes.IsEmpty)
            return "";
        if (_atStart)
        {
            _atStart = false;
            if (bytes[0] == (byte)' ' && DropsSpace(tokenId, bytes))
                bytes = bytes[1..];
        }

        int needed = _decoder.GetCharCount(bytes, flush: false);
        if (needed > _characters.Length)
            _characters = new char[needed * 2];
        int written = _decoder.GetChars(bytes, _characters, flush: false);
        return written == 0 ? "" : new string(_characters, 0, written);
    }

    /// <summary>Ends the stream: U+FFFD if a character was left unfinished, otherwise nothing. A new stream may follow.</summary>
    public string Flush()
    {
        int written = _decoder.GetChars([], _characters, flush: true);
        _atStart = !_continues;
        return written == 0 ? "" : new string(_characters, 0, written);
    }

    // asks the tokenizer itself, so that this works for any implementation of the contract
    private bool DropsSpace(int tokenId, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<char> alone = _tokenizer.Decode([tokenId]);
        return alone.Length - alone.TrimStart(' ').Length < bytes.Length - bytes.TrimStart((byte)' ').Length;
    }
}
