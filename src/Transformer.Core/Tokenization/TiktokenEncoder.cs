using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>OpenAI's byte pair encoding: the library's <see cref="TiktokenTokenizer"/> merges the pieces.</summary>
/// <param name="tokenizer">The library's tokenizer.</param>
/// <param name="splitter">What cuts the text.</param>
/// <param name="longPieces">Merges what is too long for the library.</param>
internal sealed class TiktokenEncoder(TiktokenTokenizer tokenizer, TextSplitter splitter, LongPieceEncoder longPieces) : ITextEncoder
{
    /// <inheritdoc/>
    public string Normalize(string text, bool startsFragment = true) => text;

    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids)
    {
        foreach ((int offset, int length) in splitter.Split(text))
        {
            ReadOnlySpan<char> piece = text.AsSpan(offset, length);
            if (length > LongPieceEncoder.MinLength)
                longPieces.Encode(piece, ids);
            else
                ids.AddRange(tokenizer.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
        }
    }
}
