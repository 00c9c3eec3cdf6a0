namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// What published config.json files leave to the defaults of transformers' configuration classes
/// (configuration_*.py of huggingface/transformers).
/// </summary>
internal static class HuggingFaceDefaults
{
    private static readonly Dictionary<string, object> Gemma3 = new()
    {
        ["vocab_size"] = 262208L,
        ["max_position_embeddings"] = 131072L,
        ["num_attention_heads"] = 8L,
        ["num_key_value_heads"] = 4L,
        ["head_dim"] = 256L,
        ["query_pre_attn_scalar"] = 256L,
        ["rope_theta"] = 1_000_000.0,
    };

    private static readonly Dictionary<string, Dictionary<string, object>> OfFamily = new()
    {
        ["bloom"] = new() { ["max_position_embeddings"] = 2048L },
        ["gemma2"] = new() { ["head_dim"] = 256L, ["query_pre_attn_scalar"] = 256L, ["attn_logit_softcapping"] = 50.0, ["final_logit_softcapping"] = 30.0, ["sliding_window"] = 4096L },
        ["gemma3"] = Gemma3,
        ["gemma3_text"] = Gemma3,
    };

    /// <summary>The default of a key, or null.</summary>
    /// <param name="architecture"><c>model_type</c>.</param>
    /// <param name="key">Llama's spelling.</param>
    /// <param name="hiddenSize">The model's width, if it is known.</param>
    public static object? Find(string architecture, string key, long? hiddenSize) => key switch
    {
        "intermediate_size" when architecture is "gpt2" or "bloom" => 4 * hiddenSize,
        _ => OfFamily.GetValueOrDefault(architecture)?.GetValueOrDefault(key),
    };
}
