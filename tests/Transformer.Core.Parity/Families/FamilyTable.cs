using static Transformer.Core.Parity.Families.Tensors;

namespace Transformer.Core.Parity.Families;

/// <summary>
/// Every family and its variants. To add one: its sizes, what its files say beyond them, and its tensors under the
/// names of both kinds of files.
/// </summary>
internal static class FamilyTable
{
    private const string Layer = "model.layers.{}.";

    // DeepSeek's widths: latent, a head's unrotated and rotated features, a value
    private const int Rank = 20, Nope = 10, Rope = 6, Value = 14;

    public static IReadOnlyList<Family> All { get; } =
    [
        Gpt2(new(60, 6, 6, 10, 88)),
        GptNeoX("gptneox", new(60, 6, 6, 10, 88), parallel: true),
        GptNeoX("gptneox-sequential", new(60, 6, 6, 10, 88), parallel: false),
        Bloom(new(42, 6, 6, 7, 90)),
        Llama("llama", new(60, 6, 3, 10, 86)),
        Mistral(new(60, 6, 3, 10, 86)),
        Llama3(new(48, 4, 2, 12, 86) { Context = 1024 }),
        Qwen2(new(60, 6, 2, 10, 86)),
        Qwen3("qwen3", new(50, 6, 2, 14, 86)),
        Qwen3Yarn(new(50, 6, 2, 14, 86) { Context = 1024 }),
        Olmo2(new(60, 6, 3, 10, 86)),
        Phi3("phi3", new(60, 6, 3, 10, 86)),
        Phi3LongRope("phi3-longrope-short", context: 256),
        Phi3LongRope("phi3-longrope-long", context: 512),
        SmolLm3(new(60, 6, 3, 10, 86, Layers: 5)),
        Mixtral(new(60, 6, 3, 10, 86)),
        Qwen2Moe(new(60, 6, 2, 10, 86)),
        Qwen3Moe(new(50, 6, 2, 14, 86)),
        GptOss(new(50, 6, 2, 14, 34, Layers: 4)),
        GptOss(new(50, 6, 2, 14, 34, Layers: 4) { Context = 1024 }) with { Name = "gpt-oss-yarn", About = "positions stretched by YaRN with bounds that llama.cpp rounds", InLlamaCpp = false, Gguf = new(GptOssKeys(14, 34)) { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4.0, ["rope.scaling.original_context_length"] = 256 }, Config = new(GptOssConfig(14)) { ["rope_scaling"] = new { rope_type = "yarn", factor = 4.0, original_max_position_embeddings = 256, truncate = false } } },
        DeepSeekV2(new(50, 6, 6, 14, 86, Layers: 27)),
        DeepSeekV3("deepseek-v3", new(50, 6, 6, 14, 86, Layers: 4) { Context = 1024 }),
        DeepSeekV3("deepseek-v3-old", new(50, 6, 6, 14, 86, Layers: 4) { Context = 1024 }, split: false),
        Gemma2(new(50, 6, 2, 14, 86, Layers: 4)),
        Gemma2(new(24, 2, 1, 6, 32, Layers: 46)) with { Name = "gemma2-27b", About = "scores scaled by width / heads" },
        Gemma3(new(50, 6, 2, 14, 86, Layers: 7)),
        Gemma3(new(24, 2, 1, 6, 32, Layers: 62)) with { Name = "gemma3-27b", About = "scores scaled by width / heads" },
        Gemma3(new(50, 6, 2, 14, 86, Layers: 7)) with { Name = "gemma3-vision", About = "safetensors that hold a vision model, too", ModelType = "gemma3", TextPart = true },
    ];

    public static Family Find(string name) => All.Single(family => family.Name == name);

    private static Family Gpt2(Sizes s) => new("gpt2", "gpt2", s)
    {
        About = "biases everywhere; q, k and v fused",
        Gelu = true,
        Gguf = new() { ["attention.layer_norm_epsilon"] = 1e-5 },
        Config = new() { ["layer_norm_epsilon"] = 1e-5, ["n_inner"] = s.FeedForward, ["intermediate_size"] = null, ["activation_function"] = "gelu_new" },
        Weights =
        [
            new("token_embd.weight", "wte.weight", s.Vocabulary, s.Hidden),
            new("position_embd.weight", "wpe.weight", s.Context, s.Hidden),
            .. Norm("output_norm", "ln_f", s.Hidden, bias: true),
            .. Norm("blk.{}.attn_norm", "h.{}.ln_1", s.Hidden, bias: true),
            .. Linear("blk.{}.attn_qkv", "h.{}.attn.c_attn", 3 * s.Hidden, s.Hidden, bias: true, Layouts.Transposed),
            .. Linear("blk.{}.attn_output", "h.{}.attn.c_proj", s.Hidden, s.Hidden, bias: true, Layouts.Transposed),
            .. Norm("blk.{}.ffn_norm", "h.{}.ln_2", s.Hidden, bias: true),
            .. Linear("blk.{}.ffn_up", "h.{}.mlp.c_fc", s.FeedForward, s.Hidden, bias: true, Layouts.Transposed),
            .. Linear("blk.{}.ffn_down", "h.{}.mlp.c_proj", s.Hidden, s.FeedForward, bias: true, Layouts.Transposed),
        ],
    };

    private static Family Llama(string name, Sizes s) => new(name, "llama", s)
    {
        About = "grouped heads",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-5, ["rope.dimension_count"] = s.HeadDim },
        Config = new() { ["rms_norm_eps"] = 1e-5 },
        Weights = [.. Ends(s), .. PreNorms(s), .. QueryKeyValue(s, rotated: Layouts.Halves(s.HeadDim)), .. Gated(s)],
    };

    /// <summary>llama.cpp computes Mistral without its window.</summary>
    private static Family Mistral(Sizes s)
    {
        Family plain = Llama("mistral", s);
        return plain with
        {
            About = "a window in every layer, which llama.cpp does not apply",
            ModelType = "mistral",
            InLlamaCpp = false,
            Gguf = new(plain.Gguf) { ["attention.sliding_window"] = 24 },
            Config = new(plain.Config) { ["sliding_window"] = 24 },
        };
    }

    private static Family Llama3(Sizes s)
    {
        // The divisors that Llama 3.1's rule gives, as its converter writes them; config.json has the rule.
        double[] frequencies = [.. Enumerable.Range(0, s.HeadDim / 2).Select(i => Math.Pow(10000, -2.0 * i / s.HeadDim))];
        float[] divisors = [.. frequencies.Select(frequency =>
        {
            double kept = Math.Clamp(((32 * frequency / (2 * Math.PI)) - 1) / (4 - 1), 0, 1);
            return (float)(1 / (kept + ((1 - kept) / 8)));
        })];
        Family plain = Llama("llama3", s);
        return plain with
        {
            About = "Llama 3.1's stretched positions",
            Config = new(plain.Config) { ["rope_scaling"] = new { rope_type = "llama3", factor = 8.0, low_freq_factor = 1.0, high_freq_factor = 4.0, original_max_position_embeddings = 32 } },
            Weights = [.. plain.Weights, new("rope_freqs.weight", null, 1, s.HeadDim / 2) { Given = divisors }],
        };
    }

    private static Family GptNeoX(string name, Sizes s, bool parallel) => new(name, "gptneox", s)
    {
        About = parallel ? "attention and feed-forward in parallel; part of a head rotated" : "the same, one after the other",
        ModelType = "gpt_neox",
        Gelu = true,
        Gguf = new() { ["attention.layer_norm_epsilon"] = 1e-5, ["rope.dimension_count"] = 4, ["use_parallel_residual"] = parallel },
        Config = new() { ["layer_norm_eps"] = 1e-5, ["rotary_pct"] = 0.4, ["rotary_emb_base"] = 10000, ["use_parallel_residual"] = parallel, ["hidden_act"] = "gelu" },
        Weights =
        [
            new("token_embd.weight", "gpt_neox.embed_in.weight", s.Vocabulary, s.Hidden),
            .. Norm("output_norm", "gpt_neox.final_layer_norm", s.Hidden, bias: true),
            new("output.weight", "embed_out.weight", s.Vocabulary, s.Hidden),
            .. Norm("blk.{}.attn_norm", "gpt_neox.layers.{}.input_layernorm", s.Hidden, bias: true),
            .. Linear("blk.{}.attn_qkv", "gpt_neox.layers.{}.attention.query_key_value", 3 * s.Q, s.Hidden, bias: true, Layouts.HeadByHead(s.HeadDim)),
            .. Linear("blk.{}.attn_output", "gpt_neox.layers.{}.attention.dense", s.Hidden, s.Q, bias: true),
            .. Norm("blk.{}.ffn_norm", "gpt_neox.layers.{}.post_attention_layernorm", s.Hidden, bias: true),
            .. Linear("blk.{}.ffn_up", "gpt_neox.layers.{}.mlp.dense_h_to_4h", s.FeedForward, s.Hidden, bias: true),
            .. Linear("blk.{}.ffn_down", "gpt_neox.layers.{}.mlp.dense_4h_to_h", s.Hidden, s.FeedForward, bias: true),
        ],
    };

    private static Family Bloom(Sizes s) => new("bloom", "bloom", s)
    {
        About = "norm behind the embedding; tied",
        Gelu = true,
        Gguf = new() { ["attention.layer_norm_epsilon"] = 1e-5 },
        Config = new() { ["layer_norm_epsilon"] = 1e-5, ["n_inner"] = s.FeedForward, ["intermediate_size"] = null },
        Weights =
        [
            new("token_embd.weight", "transformer.word_embeddings.weight", s.Vocabulary, s.Hidden),
            .. Norm("token_embd_norm", "transformer.word_embeddings_layernorm", s.Hidden, bias: true).Select(norm => norm with { Scale = 0.3 }),
            .. Norm("output_norm", "transformer.ln_f", s.Hidden, bias: true),
            .. Norm("blk.{}.attn_norm", "transformer.h.{}.input_layernorm", s.Hidden, bias: true),
            .. Linear("blk.{}.attn_qkv", "transformer.h.{}.self_attention.query_key_value", 3 * s.Q, s.Hidden, bias: true, Layouts.HeadByHead(s.HeadDim)),
            .. Linear("blk.{}.attn_output", "transformer.h.{}.self_attention.dense", s.Hidden, s.Q, bias: true),
            .. Norm("blk.{}.ffn_norm", "transformer.h.{}.post_attention_layernorm", s.Hidden, bias: true),
            .. Linear("blk.{}.ffn_up", "transformer.h.{}.mlp.dense_h_to_4h", s.FeedForward, s.Hidden, bias: true),
            .. Linear("blk.{}.ffn_down", "transformer.h.{}.mlp.dense_4h_to_h", s.Hidden, s.FeedForward, bias: true),
        ],
    };

    private static Family Qwen2(Sizes s) => new("qwen2", "qwen2", s)
    {
        About = "biases on q, k, v; tied",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-6, ["rope.freq_base"] = 1e6 },
        Config = new() { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 1e6, ["use_sliding_window"] = false, ["sliding_window"] = 5, ["tie_word_embeddings"] = true },
        Weights = [.. Ends(s, tied: true), .. PreNorms(s), .. QueryKeyValue(s, bias: true), .. Gated(s)],
    };

    private static Family Qwen3(string name, Sizes s) => new(name, "qwen3", s)
    {
        About = "q and k normalized by head",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-6, ["rope.freq_base"] = 1e6, ["attention.key_length"] = s.HeadDim, ["attention.value_length"] = s.HeadDim },
        Config = new() { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 1e6, ["head_dim"] = s.HeadDim },
        Weights = [.. Ends(s), .. PreNorms(s), .. QueryKeyValue(s), .. HeadNorms(s.HeadDim, s.HeadDim), .. Gated(s)],
    };

    private static Family Qwen3Yarn(Sizes s)
    {
        Family plain = Qwen3("qwen3-yarn", s);
        return plain with
        {
            About = "positions stretched by YaRN",
            Gguf = new(plain.Gguf) { ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4.0, ["rope.scaling.original_context_length"] = 256 },
            Config = new(plain.Config) { ["rope_scaling"] = new { rope_type = "yarn", factor = 4.0, original_max_position_embeddings = 256 } },
        };
    }

    private static Family Mixtral(Sizes s)
    {
        Family plain = Llama("mixtral", s);
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

    private static Family Qwen2Moe(Sizes s)
    {
        Family plain = Qwen2(s);
        return plain with
        {
            Name = "qwen2moe",
            Architecture = "qwen2moe",
            ModelType = "qwen2_moe",
            About = "biases on q, k, v; three of seven experts, whose weights do not sum to 1, and a shared one behind a gate",
            Gguf = new(plain.Gguf) { ["expert_count"] = 7, ["expert_used_count"] = 3, ["expert_feed_forward_length"] = 34, ["expert_shared_feed_forward_length"] = 46 },
            Config = new(plain.Config)
            {
                ["num_experts"] = 7, ["num_experts_per_tok"] = 3, ["moe_intermediate_size"] = 34, ["shared_expert_intermediate_size"] = 46,
                ["norm_topk_prob"] = false, ["decoder_sparse_step"] = 1, ["mlp_only_layers"] = Array.Empty<int>(), ["tie_word_embeddings"] = false,
            },
            Weights =
            [
                .. Ends(s), .. PreNorms(s), .. QueryKeyValue(s, bias: true), .. Experts(s, 7, 34), .. SharedExpert(s, 46, "shared_expert"),
                new("blk.{}.ffn_gate_inp_shexp.weight", Layer + "mlp.shared_expert_gate.weight", 1, s.Hidden),
            ],
        };
    }

    private static Family Qwen3Moe(Sizes s)
    {
        Family plain = Qwen3("qwen3moe", s);
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

    private static Family GptOss(Sizes s) => new("gpt-oss", "gpt-oss", s)
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
    private static Family DeepSeekV2(Sizes s) => new("deepseek-v2-lite", "deepseek2", s)
    {
        About = "latent attention; a dense layer first, then three of eight experts and two shared ones",
        ModelType = "deepseek_v2",
        Gguf = new(DeepSeek(s, split: true)) { ["expert_count"] = 8, ["leading_dense_block_count"] = 1, ["expert_shared_count"] = 2, ["expert_weights_scale"] = 1.0, ["expert_gating_func"] = 1 },
        Config = new(DeepSeekConfig())
        {
            ["q_lora_rank"] = null, ["n_routed_experts"] = 8, ["first_k_dense_replace"] = 1, ["n_shared_experts"] = 2, ["routed_scaling_factor"] = 1.0,
            ["norm_topk_prob"] = false, ["scoring_func"] = "softmax", ["topk_method"] = "greedy", ["n_group"] = 1, ["topk_group"] = 1,
        },
        Weights = [.. Ends(s), .. PreNorms(s), .. Latent(s, Rank, Nope, Rope, Value, null, split: true), .. DenseFirst(s, 1, 8, 2)],
    };

    private static Family DeepSeekV3(string name, Sizes s, bool split = true) => new(name, "deepseek2", s)
    {
        About = split
            ? "latent attention, compressed queries, YaRN; experts in groups, chosen by corrected sigmoids"
            : "GGUF with one matrix for keys and values",
        ModelType = "deepseek_v3",
        Gguf = new(DeepSeek(s, split))
        {
            ["attention.q_lora_rank"] = 22, ["expert_count"] = 12, ["leading_dense_block_count"] = 1, ["expert_shared_count"] = 1, ["expert_weights_scale"] = 2.5, ["expert_weights_norm"] = true,
            ["expert_gating_func"] = 2, ["expert_group_count"] = 4, ["expert_group_used_count"] = 2,
            ["rope.scaling.type"] = "yarn", ["rope.scaling.factor"] = 4.0, ["rope.scaling.original_context_length"] = 256, ["rope.scaling.yarn_log_multiplier"] = 0.0707,
        },
        Config = new(DeepSeekConfig())
        {
            ["q_lora_rank"] = 22, ["n_routed_experts"] = 12, ["first_k_dense_replace"] = 1, ["n_shared_experts"] = 1, ["routed_scaling_factor"] = 2.5,
            ["norm_topk_prob"] = true, ["scoring_func"] = "sigmoid", ["topk_method"] = "noaux_tc", ["n_group"] = 4, ["topk_group"] = 2,
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

    private static Family Olmo2(Sizes s) => new("olmo2", "olmo2", s)
    {
        About = "q and k normalized over all heads",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-6, ["rope.freq_base"] = 5e5 },
        Config = new() { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 5e5 },
        Weights =
        [
            .. Ends(s),
            .. QueryKeyValue(s),
            .. HeadNorms(s.Q, s.Kv),
            .. Norm("blk.{}.post_attention_norm", Layer + "post_attention_layernorm", s.Hidden),
            .. Gated(s),
            .. Norm("blk.{}.post_ffw_norm", Layer + "post_feedforward_layernorm", s.Hidden),
        ],
    };

    private static Family Phi3(string name, Sizes s) => new(name, "phi3", s)
    {
        About = "q, k, v and gate, up fused",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-5, ["rope.dimension_count"] = s.HeadDim, ["attention.sliding_window"] = 0 },
        Config = new() { ["rms_norm_eps"] = 1e-5, ["sliding_window"] = null },
        Weights =
        [
            .. Ends(s),
            .. PreNorms(s),
            .. Linear("blk.{}.attn_qkv", Layer + "self_attn.qkv_proj", s.Q + (2 * s.Kv), s.Hidden),
            .. Linear("blk.{}.attn_output", Layer + "self_attn.o_proj", s.Hidden, s.Q),
            .. Linear("blk.{}.ffn_up", Layer + "mlp.gate_up_proj", 2 * s.FeedForward, s.Hidden),
            .. Linear("blk.{}.ffn_down", Layer + "mlp.down_proj", s.Hidden, s.FeedForward),
        ],
    };

    /// <summary>Trained at 256 positions, stretched to 1024, with six of ten features rotated.</summary>
    private static Family Phi3LongRope(string name, int context)
    {
        Sizes s = new(60, 6, 3, 10, 86) { Context = 1024 };
        Weight shortest = new("rope_factors_short.weight", null, 1, 3);
        Weight stretched = new("rope_factors_long.weight", null, 1, 3);
        double attention = Math.Sqrt(1 + (Math.Log(4) / Math.Log(256)));
        Family plain = Phi3(name, s);
        return plain with
        {
            About = context <= 256 ? "LongRoPE within the trained length; part of a head rotated" : "LongRoPE beyond it",
            Context = context,
            Gguf = new(plain.Gguf) { ["rope.dimension_count"] = 6, ["rope.scaling.original_context_length"] = 256, ["rope.scaling.attn_factor"] = attention },
            Config = new(plain.Config)
            {
                ["partial_rotary_factor"] = 0.6,
                ["original_max_position_embeddings"] = 256,
                ["rope_scaling"] = new { type = "longrope", short_factor = shortest.Values(), long_factor = stretched.Values() },
            },
            Weights = [.. plain.Weights, shortest, stretched],
        };
    }

    private static Family SmolLm3(Sizes s) => new("smollm3", "smollm3", s)
    {
        About = "every fourth layer without positions; tied",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-6, ["rope.freq_base"] = 5e6, ["rope.dimension_count"] = s.HeadDim },
        Config = new() { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 5e6, ["no_rope_layers"] = new[] { 1, 1, 1, 0, 1 }, ["use_sliding_window"] = false },
        Weights = [.. Ends(s, tied: true), .. PreNorms(s), .. QueryKeyValue(s, rotated: Layouts.Halves(s.HeadDim)), .. Gated(s)],
    };

    private static Family Gemma2(Sizes s) => new("gemma2", "gemma2", s)
    {
        About = "capped scores and logits; every second layer windowed; scaled embedding; tied",
        Gelu = true,
        Gguf = new(Gemma(s)) { ["attn_logit_softcapping"] = 3.0, ["final_logit_softcapping"] = 2.0 },
        Config = new(GemmaConfig(s)) { ["attn_logit_softcapping"] = 3.0, ["final_logit_softcapping"] = 2.0 },
        Weights = [.. Ends(s, tied: true, Layouts.MinusOne, embedding: 0.2), .. Sandwich(s), .. QueryKeyValue(s), .. Gated(s)],
    };

    private static Family Gemma3(Sizes s) => new("gemma3", "gemma3", s)
    {
        About = "five of six layers windowed, with a rotary base of their own; q and k normalized by head; scaled embedding; tied",
        ModelType = "gemma3_text",
        Gelu = true,
        Gguf = new(Gemma(s)) { ["rope.freq_base"] = 1e6, ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = 8.0 },
        Config = new(GemmaConfig(s)) { ["rope_theta"] = 1e6, ["rope_local_base_freq"] = 10000, ["rope_scaling"] = new { rope_type = "linear", factor = 8.0 } },
        Weights = [.. Ends(s, tied: true, Layouts.MinusOne, embedding: 0.2), .. Sandwich(s), .. QueryKeyValue(s), .. HeadNorms(s.HeadDim, s.HeadDim, Layouts.MinusOne), .. Gated(s)],
    };

    private static Dictionary<string, object> Gemma(Sizes s) => new()
    {
        ["attention.layer_norm_rms_epsilon"] = 1e-6,
        ["attention.key_length"] = s.HeadDim,
        ["attention.value_length"] = s.HeadDim,
        ["attention.sliding_window"] = 24,
    };

    private static Dictionary<string, object?> GemmaConfig(Sizes s) => new()
    {
        ["rms_norm_eps"] = 1e-6,
        ["head_dim"] = s.HeadDim,
        ["sliding_window"] = 24,

        // GGUF has no key for it: the number of layers tells the largest models, which have another.
        ["query_pre_attn_scalar"] = s.Layers > 40 ? s.Hidden / s.Heads : s.HeadDim,
        ["hidden_activation"] = "gelu_pytorch_tanh",
    };
}
