namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// Translates canonical metadata keys (those of Hugging Face's config.json) to GGUF's. The standardized GGUF keys
/// are listed in ggml's docs/gguf.md; they begin with the architecture's name.
/// </summary>
internal static class GgufKeys
{
    // What llama.cpp writes into a 32-bit token id that the vocabulary does not have (LLAMA_TOKEN_NULL, -1).
    private const long NoToken = uint.MaxValue;

    private static readonly Dictionary<string, string> OfFamily = new()
    {
        ["hidden_size"] = "embedding_length",
        ["num_hidden_layers"] = "block_count",
        ["num_attention_heads"] = "attention.head_count",
        ["num_key_value_heads"] = "attention.head_count_kv",
        ["head_dim"] = "attention.key_length",
        ["intermediate_size"] = "feed_forward_length",
        ["max_position_embeddings"] = "context_length",
        ["rms_norm_eps"] = "attention.layer_norm_rms_epsilon",
        ["layer_norm_eps"] = "attention.layer_norm_epsilon",
        ["rope_theta"] = "rope.freq_base",
        ["rope_dim"] = "rope.dimension_count",
        ["rope_scaling.original_max_position_embeddings"] = "rope.scaling.original_context_length",
        ["rope_scaling.beta_fast"] = "rope.scaling.yarn_beta_fast",
        ["rope_scaling.beta_slow"] = "rope.scaling.yarn_beta_slow",
        ["rope_local_base_freq"] = "rope.freq_base_swa",
        ["sliding_window"] = "attention.sliding_window",
        ["sliding_window_pattern"] = "attention.sliding_window_pattern",
        ["use_parallel_residual"] = "use_parallel_residual",
        ["attn_logit_softcapping"] = "attn_logit_softcapping",
        ["final_logit_softcapping"] = "final_logit_softcapping",
        ["num_experts"] = "expert_count",
        ["num_experts_per_tok"] = "expert_used_count",
        ["n_shared_experts"] = "expert_shared_count",
        ["n_group"] = "expert_group_count",
        ["topk_group"] = "expert_group_used_count",
        ["q_lora_rank"] = "attention.q_lora_rank",
        ["kv_lora_rank"] = "attention.kv_lora_rank",
        ["qk_rope_head_dim"] = "rope.dimension_count",
        ["first_k_dense_replace"] = "leading_dense_block_count",
        ["norm_topk_prob"] = "expert_weights_norm",
        ["routed_scaling_factor"] = "expert_weights_scale",
        ["moe_intermediate_size"] = "expert_feed_forward_length",
        ["shared_expert_intermediate_size"] = "expert_shared_feed_forward_length",

        // ours: GGUF has no keys for them
        ["hidden_act"] = "hidden_act",
        ["hidden_dropout_prob"] = "hidden_dropout_prob",
    };

    /// <summary>The value of a canonical key, or null.</summary>
    /// <param name="metadata">The file's own keys and values.</param>
    /// <param name="architecture">The family.</param>
    /// <param name="hasOutput">True if the file has a matrix of its own for the output.</param>
    /// <param name="key">The canonical key.</param>
    public static object? Find(IReadOnlyDictionary<string, object> metadata, string architecture, bool hasOutput, string key)
    {
        return key switch
        {
            "model_type" => Raw("general.architecture"),
            "bos_token_id" => Token("tokenizer.ggml.bos_token_id"),
            "eos_token_id" => Token("tokenizer.ggml.eos_token_id"),
            "vocab_size" => Family("vocab_size") ?? (Raw("tokenizer.ggml.tokens") is Array tokens ? (long)tokens.Length : null),
            "tie_word_embeddings" => !hasOutput,
            "rope_scaling.truncate" => GgufFamilies.TruncatesYarn(architecture),
            "rope_pairing" => GgufFamilies.RopePairing(architecture),
            "rope_scaling.factor" => Factor(),
            "rope_scaling.type" or "rope_scaling.rope_type" => Family("rope.scaling.type") ?? (Factor() is null ? null : "linear"),

            // On YaRN's own factor llama.cpp multiplies it; the canonical key would replace that one.
            "rope_scaling.attention_factor" => Family("rope.scaling.type") is "yarn" ? null : Family("rope.scaling.attn_factor"),
            "query_pre_attn_scalar" => HeadWidth(),

            // With latent attention key_length is that of the cached keys, and a head's stands in keys of their own; older
            // files have a head's there. The converter writes a tenth of mscale_all_dim, and mscale is always the same.
            "qk_nope_head_dim" => (Family("attention.key_length_mla") ?? Family("attention.key_length")) is long keys && Family("rope.dimension_count") is long rope ? keys - rope : null,
            "v_head_dim" => Family("attention.value_length_mla") ?? Family("attention.value_length"),
            "rope_scaling.mscale" or "rope_scaling.mscale_all_dim" => Family("rope.scaling.yarn_log_multiplier") is double tenth ? 10 * tenth : null,
            "scoring_func" => Family("expert_gating_func") switch
            {
                null or 0L => null,
                1L => "softmax",
                2L => "sigmoid",
                var other => $"{other}",
            },
            _ => OfFamily.TryGetValue(key, out string? suffix) ? Family(suffix) : null,
        };

        object? Raw(string name) => metadata.GetValueOrDefault(name);
        object? Family(string suffix) => Raw($"{architecture}.{suffix}");
        object? Token(string name) => Raw(name) switch
        {
            -1L or NoToken => null,
            var id => id,
        };

        object? HeadWidth() =>
            Family("block_count") is long layers && GgufFamilies.ScalesByWidth(architecture, layers)
            && Family("embedding_length") is long width && Family("attention.head_count") is long heads and > 0
                ? (double)(width / heads)
                : null;

        // Before rope.scaling.* there was one key for a linear scale; 0 says that there is none.
        object? Factor() => (Family("rope.scaling.factor") ?? Family("rope.scale_linear")) switch
        {
            0.0 or 0L => null,
            var factor => factor,
        };
    }
}
