using static Transformer.Core.Parity.Families.ExpertTensors;
using static Transformer.Core.Parity.Families.Tensors;

namespace Transformer.Core.Parity.Families;

/// <summary>The families with experts, for <see cref="FamilyTable"/>.</summary>
internal static class ExpertFamilies
{
    private const string Layer = "model.layers.{}.";

    // DeepSeek's widths: latent, a head's unrotated and rotated features, a value
    private const int Rank = 20, Nope = 10, Rope = 6, Value = 14;

    public static Family Mixtral(Sizes s)
    {
        Family plain = FamilyTable.Llama("mixtral", s);
        return plain with
        {
            About = "two of five experts",
            ModelType = "mixtral",
            Gguf = new(plain.Gguf) { ["expert_count"] = 5, ["expert_used_count"] = 2 },
            Config = new(plain.Config) { ["num_local_experts"] = 5, ["num_experts_per_tok"] = 2 },
            Weights =
            [
                .. Ends(s), .. PreNorms(s), .. QueryKeyValue(s, rotated: Layouts.Halves(s.HeadDim)),
                .. Experts(s, 5, s.FeedForward, "block_sparse_moe", "w1 w3 w2"),
            ],
        };
    }

    public static Family Qwen2Moe(Sizes s)
    {
        Family plain = FamilyTable.Qwen2(s);
        return plain with
        {
            Name = "qwen2moe",
            Architecture = "qwen2moe",
            ModelType = "qwen2_moe",
            About = "biases on q, k, v; three of seven experts, whose weights do not sum to 1, and a shared one behind a gate",
            Gguf = new(plain.Gguf) { ["expert_count"] = 7, ["expert_used_count"] = 3, ["expert_feed_forward_length"] = 34, ["expert_shared_feed_forward_length"] = 46 },
            Config = new(plain.Config)
            {
                ["num_experts"] = 7,
                ["num_experts_per_tok"] = 3,
                ["moe_intermediate_size"] = 34,
                ["shared_expert_intermediate_size"] = 46,
                ["norm_topk_prob"] = false,
                ["decoder_sparse_step"] = 1,
                ["mlp_only_layers"] = Array.Empty<int>(),
                ["tie_word_embeddings"] = false,
            },
            Weights =
            [
                .. Ends(s), .. PreNorms(s), .. QueryKeyValue(s, bias: true), .. Experts(s, 7, 34), .. SharedExpert(s, 46, "shared_expert"),
                new("blk.{}.ffn_gate_inp_shexp.weight", Layer + "mlp.shared_expert_gate.weight", 1, s.Hidden),
            ],
        };
    }

    public static Family Qwen3Moe(Sizes s)
    {
        Family plain = FamilyTable.Qwen3("qwen3moe", s);
        return plain with
        {
            Architecture = "qwen3moe",
            ModelType = "qwen3_moe",
            About = "q and k normalized by head; three of eight experts",
            Gguf = new(plain.Gguf) { ["expert_count"] = 8, ["expert_used_count"] = 3, ["expert_feed_forward_length"] = 34 },
            Config = new(plain.Config) { ["num_experts"] = 8, ["num_experts_per_tok"] = 3, ["moe_intermediate_size"] = 34, ["norm_topk_prob"] = true },
            Weights = [.. Ends(s), .. PreNorms(s), .. QueryKeyValue(s), .. HeadNorms(s.HeadDim, s.HeadDim), .. Experts(s, 8, 34)],
        };
    }

    public static Family GptOss(Sizes s) => new("gpt-oss", "gpt-oss", s)
    {
        About = "biases, sinks, every second layer windowed; two of six experts with clamped SwiGLU",
        ModelType = "gpt_oss",
        Gguf = GptOssKeys(s.HeadDim, s.FeedForward),
        Config = GptOssConfig(s.HeadDim),
        Weights =
        [
            .. Ends(s),
            .. Norm("blk.{}.attn_norm", Layer + "input_layernorm", s.Hidden),
            .. Norm("blk.{}.post_attention_norm", Layer + "post_attention_layernorm", s.Hidden),
            .. QueryKeyValue(s, bias: true, outputBias: true),
            new("blk.{}.attn_sinks.weight", Layer + "self_attn.sinks", 1, s.Heads) { Scale = 3 },
            .. AlternatingExperts(s, 6, s.FeedForward),
        ],
    };

    public static Family GptOssYarn(Sizes s)
    {
        Family plain = GptOss(s);
        return plain with
        {
            Name = "gpt-oss-yarn",
            About = "positions stretched by YaRN with bounds that llama.cpp rounds",
            InLlamaCpp = false,
            Gguf = new(plain.Gguf) { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4.0, ["rope.scaling.original_context_length"] = 256 },
            Config = new(plain.Config) { ["rope_scaling"] = new { rope_type = "yarn", factor = 4.0, original_max_position_embeddings = 256, truncate = false } },
        };
    }

    private static Dictionary<string, object> GptOssKeys(int headDim, int width) => new()
    {
        ["attention.layer_norm_rms_epsilon"] = 1e-5,
        ["attention.key_length"] = headDim,
        ["attention.value_length"] = headDim,
        ["attention.sliding_window"] = 24,
        ["rope.freq_base"] = 15e4,
        ["rope.dimension_count"] = headDim,
        ["expert_count"] = 6,
        ["expert_used_count"] = 2,
        ["expert_feed_forward_length"] = width,
    };

    private static Dictionary<string, object?> GptOssConfig(int headDim) => new()
    {
        ["rms_norm_eps"] = 1e-5,
        ["head_dim"] = headDim,
        ["rope_theta"] = 15e4,
        ["sliding_window"] = 24,
        ["layer_types"] = new[] { "sliding_attention", "full_attention", "sliding_attention", "full_attention" },
        ["num_local_experts"] = 6,
        ["experts_per_token"] = 2,
        ["swiglu_limit"] = 7.0,
        ["hidden_act"] = "silu",
        ["tie_word_embeddings"] = false,
    };

    /// <summary>Like V2-Lite, whose files llama.cpp once knew by their 27 layers: queries that are not compressed, softmax.</summary>
    public static Family DeepSeekV2(Sizes s) => new("deepseek-v2-lite", "deepseek2", s)
    {
        About = "latent attention; a dense layer first, then three of eight experts and two shared ones",
        ModelType = "deepseek_v2",
        Gguf = new(DeepSeek(s, split: true)) { ["expert_count"] = 8, ["leading_dense_block_count"] = 1, ["expert_shared_count"] = 2, ["expert_weights_scale"] = 1.0, ["expert_gating_func"] = 1 },
        Config = new(DeepSeekConfig())
        {
            ["q_lora_rank"] = null,
            ["n_routed_experts"] = 8,
            ["first_k_dense_replace"] = 1,
            ["n_shared_experts"] = 2,
            ["routed_scaling_factor"] = 1.0,
            ["norm_topk_prob"] = false,
            ["scoring_func"] = "softmax",
            ["topk_method"] = "greedy",
            ["n_group"] = 1,
            ["topk_group"] = 1,
        },
        Weights = [.. Ends(s), .. PreNorms(s), .. Latent(s, Rank, Nope, Rope, Value, null, split: true), .. DenseFirst(s, 1, 8, 2)],
    };

    public static Family DeepSeekV3(string name, Sizes s, bool split = true) => new(name, "deepseek2", s)
    {
        About = split
            ? "latent attention, compressed queries, YaRN; experts in groups, chosen by corrected sigmoids"
            : "GGUF with one matrix for keys and values",
        ModelType = "deepseek_v3",
        Gguf = new(DeepSeek(s, split))
        {
            ["attention.q_lora_rank"] = 22,
            ["expert_count"] = 12,
            ["leading_dense_block_count"] = 1,
            ["expert_shared_count"] = 1,
            ["expert_weights_scale"] = 2.5,
            ["expert_weights_norm"] = true,
            ["expert_gating_func"] = 2,
            ["expert_group_count"] = 4,
            ["expert_group_used_count"] = 2,
            ["rope.scaling.type"] = "yarn",
            ["rope.scaling.factor"] = 4.0,
            ["rope.scaling.original_context_length"] = 256,
            ["rope.scaling.yarn_log_multiplier"] = 0.0707,
        },
        Config = new(DeepSeekConfig())
        {
            ["q_lora_rank"] = 22,
            ["n_routed_experts"] = 12,
            ["first_k_dense_replace"] = 1,
            ["n_shared_experts"] = 1,
            ["routed_scaling_factor"] = 2.5,
            ["norm_topk_prob"] = true,
            ["scoring_func"] = "sigmoid",
            ["topk_method"] = "noaux_tc",
            ["n_group"] = 4,
            ["topk_group"] = 2,
            ["rope_scaling"] = new { type = "yarn", factor = 4.0, original_max_position_embeddings = 256, mscale = 0.707, mscale_all_dim = 0.707 },
        },
        Weights =
        [
            .. Ends(s), .. PreNorms(s), .. Latent(s, Rank, Nope, Rope, Value, 22, split), .. DenseFirst(s, 1, 12, 1),
            new Weight("blk.{}.exp_probs_b.bias", Layer + "mlp.gate.e_score_correction_bias", 1, 12) { FirstLayer = 1, Scale = 0.5 },
        ],
    };

    private static IEnumerable<Weight> DenseFirst(Sizes s, int dense, int experts, int shared) =>
    [
        .. Gated(s).Select(weight => weight with { EndLayer = dense }),
        .. Experts(s, experts, 26).Select(weight => weight with { FirstLayer = dense }),
        .. SharedExpert(s, 26 * shared, "shared_experts").Select(weight => weight with { FirstLayer = dense }),
    ];

    private static Dictionary<string, object> DeepSeek(Sizes s, bool split)
    {
        Dictionary<string, object> keys = new()
        {
            ["attention.layer_norm_rms_epsilon"] = 1e-6,
            ["rope.dimension_count"] = Rope,
            ["attention.kv_lora_rank"] = Rank,
            ["attention.head_count_kv"] = split ? 1 : s.Heads,
            ["attention.key_length"] = split ? Rank + Rope : Nope + Rope,
            ["attention.value_length"] = split ? Rank : Value,
            ["expert_used_count"] = 3,
            ["expert_feed_forward_length"] = 26,
        };
        if (split)
        {
            keys["attention.key_length_mla"] = Nope + Rope;
            keys["attention.value_length_mla"] = Value;
        }
        return keys;
    }

    private static Dictionary<string, object?> DeepSeekConfig() => new()
    {
        ["rms_norm_eps"] = 1e-6,
        ["kv_lora_rank"] = Rank,
        ["qk_nope_head_dim"] = Nope,
        ["qk_rope_head_dim"] = Rope,
        ["v_head_dim"] = Value,
        ["num_experts_per_tok"] = 3,
        ["moe_intermediate_size"] = 26,
        ["moe_layer_freq"] = 1,
        ["tie_word_embeddings"] = false,
    };
}
