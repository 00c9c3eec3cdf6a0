using static Transformer.Core.Parity.Families.Tensors;

namespace Transformer.Core.Parity.Families;

/// <summary>
/// Every family and its variants. To add one: its sizes, what its files say beyond them, and its tensors under the
/// names of both kinds of files.
/// </summary>
internal static class FamilyTable
{
    private const string Layer = "model.layers.{}.";

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
        ExpertFamilies.Mixtral(new(60, 6, 3, 10, 86)),
        ExpertFamilies.Qwen2Moe(new(60, 6, 2, 10, 86)),
        ExpertFamilies.Qwen3Moe(new(50, 6, 2, 14, 86)),
        ExpertFamilies.GptOss(new(50, 6, 2, 14, 34, Layers: 4)),
        ExpertFamilies.GptOssYarn(new(50, 6, 2, 14, 34, Layers: 4) { Context = 1024 }),
        ExpertFamilies.DeepSeekV2(new(50, 6, 6, 14, 86, Layers: 27)),
        ExpertFamilies.DeepSeekV3("deepseek-v3", new(50, 6, 6, 14, 86, Layers: 4) { Context = 1024 }),
        ExpertFamilies.DeepSeekV3("deepseek-v3-old", new(50, 6, 6, 14, 86, Layers: 4) { Context = 1024 }, split: false),
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

    public static Family Llama(string name, Sizes s) => new(name, "llama", s)
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

    public static Family Qwen2(Sizes s) => new("qwen2", "qwen2", s)
    {
        About = "biases on q, k, v; tied",
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-6, ["rope.freq_base"] = 1e6 },
        Config = new() { ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 1e6, ["use_sliding_window"] = false, ["sliding_window"] = 5, ["tie_word_embeddings"] = true },
        Weights = [.. Ends(s, tied: true), .. PreNorms(s), .. QueryKeyValue(s, bias: true), .. Gated(s)],
    };

    public static Family Qwen3(string name, Sizes s) => new(name, "qwen3", s)
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
