using Microsoft.ML.Tokenizers;

namespace Transformer.Core.Tokenization;

/// <summary>OpenAI's byte pair encoding by the library's <see cref="TiktokenTokenizer"/>.</summary>
internal sealed class TiktokenEncoder(TiktokenTokenizer tokenizer) : ITextEncoder
{
    /// <inheritdoc/>
    public void Encode(string text, bool startsText, List<int> ids) => ids.AddRange(tokenizer.EncodeToIds(text));
}
