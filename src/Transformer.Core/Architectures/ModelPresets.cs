namespace Transformer.Core.Architectures;

/// <summary>
/// The sizes under which well-known models were published, by the names of their repositories on Hugging Face, whose
/// config.json files are the source. <c>TransformerBuilder.FromPreset</c> makes builders of them.
/// </summary>
public static class ModelPresets
{
    private static readonly Dictionary<string, Preset> All = new Preset[]
    {
        new("gpt2", "gpt2", 50257, 1024, 768, 12, 12, 12, 64, 3072),
        new("gpt2-xl", "gpt2", 50257, 1024, 1600, 48, 25, 25, 64, 6400),
        new("pythia-6.9b", "gptneox", 50432, 2048, 4096, 32, 32, 32, 128, 16384, Untied, ("partial_rotary_factor", 0.25)),
        new("gpt-neox-20b", "gptneox", 50432, 2048, 6144, 44, 64, 64, 96, 24576, Untied, ("partial_rotary_factor", 0.25)),
        new("bloom-560m", "bloom", 250880, 2048, 1024, 24, 16, 16, 64, 4096),
        new("bloom", "bloom", 250880, 2048, 14336, 70, 112, 112, 128, 57344),
        new("llama-2-7b", "llama", 32000, 4096, 4096, 32, 32, 32, 128, 11008, Untied),
        new("llama-3.1-8b", "llama", 128256, 131072, 4096, 32, 32, 8, 128, 14336, [Untied, .. Llama3(8)]),
        new("llama-3.2-1b", "llama", 128256, 131072, 2048, 16, 32, 8, 64, 8192, Llama3(32)),
        new("mistral-7b", "mistral", 32000, 32768, 4096, 32, 32, 8, 128, 14336, Untied, ("sliding_window", 4096L)),
        new("qwen2.5-0.5b", "qwen2", 151936, 32768, 896, 24, 14, 2, 64, 4864, ("rope_theta", 1e6)),
        new("qwen2.5-7b", "qwen2", 152064, 131072, 3584, 28, 28, 4, 128, 18944, Untied, ("rope_theta", 1e6)),
        new("qwen3-0.6b", "qwen3", 151936, 40960, 1024, 28, 16, 8, 128, 3072, ("rope_theta", 1e6)),
        new("qwen3-8b", "qwen3", 151936, 40960, 4096, 36, 32, 8, 128, 12288, Untied, ("rope_theta", 1e6)),
        new("gpt-oss-20b", "gpt_oss", 201088, 131072, 2880, 24, 64, 8, 64, 2880, [.. GptOss, .. Experts(32, 4, 2880)]),
        new("gpt-oss-120b", "gpt_oss", 201088, 131072, 2880, 36, 64, 8, 64, 2880, [.. GptOss, .. Experts(128, 4, 2880)]),
        new("mixtral-8x7b", "mixtral", 32000, 32768, 4096, 32, 32, 8, 128, 14336, [Untied, ("rope_theta", 1e6), .. Experts(8, 2, 14336)]),
        new("qwen3-30b-a3b", "qwen3_moe", 151936, 40960, 2048, 48, 32, 4, 128, 6144, [Untied, ("rope_theta", 1e6), .. Experts(128, 8, 768)]),
        new("qwen3-235b-a22b", "qwen3_moe", 151936, 40960, 4096, 94, 64, 4, 128, 12288, [Untied, ("rope_theta", 1e6), .. Experts(128, 8, 1536)]),
        new("deepseek-v2-lite", "deepseek_v2", 102400, 163840, 2048, 27, 16, 16, 192, 10944, [.. DeepSeek(0.707, 1, 2), .. Experts(64, 6, 1408)]),
        new("deepseek-v2", "deepseek_v2", 102400, 163840, 5120, 60, 128, 128, 192, 12288,
            [.. DeepSeek(0.707, 1, 2), .. Experts(160, 6, 1536), ("q_lora_rank", 1536L), ("n_group", 8L), ("topk_group", 3L), ("routed_scaling_factor", 16.0)]),
        new("deepseek-v3", "deepseek_v3", 129280, 163840, 7168, 61, 128, 128, 192, 18432, DeepSeekV3),
        new("deepseek-r1", "deepseek_v3", 129280, 163840, 7168, 61, 128, 128, 192, 18432, DeepSeekV3),
        new("olmo-2-7b", "olmo2", 100352, 4096, 4096, 32, 32, 32, 128, 11008, Untied, ("rope_theta", 5e5), ("rms_norm_eps", 1e-6)),
        new("phi-3-mini-4k", "phi3", 32064, 4096, 3072, 32, 32, 32, 96, 8192, Untied, ("sliding_window", 2047L)),
        new("smollm3-3b", "smollm3", 128256, 65536, 2048, 36, 16, 4, 128, 11008, ("rope_theta", 5e6)),
        new("gemma-2-2b", "gemma2", 256000, 8192, 2304, 26, 8, 4, 256, 9216, Gemma2(256)),
        new("gemma-2-9b", "gemma2", 256000, 8192, 3584, 42, 16, 8, 256, 14336, Gemma2(256)),
        new("gemma-2-27b", "gemma2", 256000, 8192, 4608, 46, 32, 16, 128, 36864, Gemma2(144)),
        new("gemma-3-1b", "gemma3", 262144, 32768, 1152, 26, 4, 1, 256, 6912, ("rope_theta", 1e6), ("sliding_window", 512L)),
        new("gemma-3-27b", "gemma3", 262208, 131072, 5376, 62, 32, 16, 128, 21504,
            ("rope_theta", 1e6), ("sliding_window", 1024L), ("query_pre_attn_scalar", 168L), ("rope_scaling.type", "linear"), ("rope_scaling.factor", 8.0)),
    }.ToDictionary(preset => preset.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys];

    private static (string Key, object Value) Untied => ("tie_word_embeddings", false);

    /// <summary>What a config.json of that name would say.</summary>
    /// <exception cref="UnsupportedModelException">There is no preset of that name.</exception>
    internal static IModelMetadata Find(string name) => All.TryGetValue(name, out Preset? preset)
        ? preset
        : throw new UnsupportedModelException("presets", "preset", name, Names);

    private static (string Key, object Value)[] Llama3(double factor) =>
    [
        ("rope_theta", 5e5),
        ("rope_scaling.type", "llama3"),
        ("rope_scaling.factor", factor),
        ("rope_scaling.low_freq_factor", 1.0),
        ("rope_scaling.high_freq_factor", 4.0),
        ("rope_scaling.original_max_position_embeddings", 8192L),
    ];

    private static (string Key, object Value)[] DeepSeekV3 =>
    [
        .. DeepSeek(1, 3, 1),
        .. Experts(256, 8, 2048),
        ("q_lora_rank", 1536L),
        ("n_group", 8L),
        ("topk_group", 4L),
        ("norm_topk_prob", true),
        ("routed_scaling_factor", 2.5),
        ("scoring_func", "sigmoid"),
        ("topk_method", "noaux_tc"),
    ];

    private static (string Key, object Value)[] GptOss =>
    [
        Untied,
        ("rope_theta", 150000.0),
        ("sliding_window", 128L),
        ("rope_scaling.type", "yarn"),
        ("rope_scaling.factor", 32.0),
        ("rope_scaling.original_max_position_embeddings", 4096L),
        ("rope_scaling.truncate", false),
    ];

    private static (string Key, object Value)[] Experts(long count, long perToken, long width) =>
        [("num_experts", count), ("num_experts_per_tok", perToken), ("moe_intermediate_size", width)];

    private static (string Key, object Value)[] DeepSeek(double mscale, long dense, long shared) =>
    [
        Untied,
        ("rope_pairing", "interleaved"),
        ("kv_lora_rank", 512L),
        ("qk_nope_head_dim", 128L),
        ("qk_rope_head_dim", 64L),
        ("rope_dim", 64L),
        ("v_head_dim", 128L),
        ("first_k_dense_replace", dense),
        ("n_shared_experts", shared),
        ("rope_scaling.type", "yarn"),
        ("rope_scaling.factor", 40.0),
        ("rope_scaling.original_max_position_embeddings", 4096L),
        ("rope_scaling.mscale", mscale),
        ("rope_scaling.mscale_all_dim", mscale),
    ];

    private static (string Key, object Value)[] Gemma2(long queryScalar) =>
    [
        ("sliding_window", 4096L),
        ("attn_logit_softcapping", 50.0),
        ("final_logit_softcapping", 30.0),
        ("query_pre_attn_scalar", queryScalar),
    ];
}
