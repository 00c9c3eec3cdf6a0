namespace Transformer.Core.Extensions.AI;

/// <summary>The tokens that templates print by name.</summary>
internal static class SpecialTokens
{
    private static readonly (string Name, string Key)[] Names =
    [
        ("bos_token", "tokenizer.ggml.bos_token_id"), ("eos_token", "tokenizer.ggml.eos_token_id"),
        ("unk_token", "tokenizer.ggml.unknown_token_id"), ("pad_token", "tokenizer.ggml.padding_token_id"),
    ];

    /// <summary>Those of a model: as text in a Hugging Face folder, as ids in GGUF; a tokenizer's own where the file is silent.</summary>
    public static Dictionary<string, string> Of(TransformerModel model)
    {
        Dictionary<string, string> tokens = new(StringComparer.Ordinal);
        foreach ((string name, string key) in Names)
        {
            if (model.Metadata?.Find(name) is string text)
                tokens[name] = text;
            else if (model.Metadata?.Find(key) is long id && model.Tokenizer is { } tokenizer && id >= 0 && id < tokenizer.VocabSize)
                tokens[name] = tokenizer.TokenText((int)id);
        }
        if (model.Tokenizer is { } own)
        {
            if (own.BosTokenId is { } bos)
                tokens.TryAdd("bos_token", own.TokenText(bos));
            if (own.EndTokenIds.Count > 0)
                tokens.TryAdd("eos_token", own.TokenText(own.EndTokenIds[0]));
        }
        return tokens;
    }
}
