namespace Transformer.Core.Parity.Families;

/// <summary>Groups of tensors that several families have under the same names in GGUF.</summary>
internal static class Tensors
{
    private const string Layer = "model.layers.{}.";

    /// <summary>A matrix and, if wanted, its bias.</summary>
    public static IEnumerable<Weight> Linear(string gguf, string huggingFace, int outputs, int inputs, bool bias = false, Layout? layout = null)
    {
        yield return new Weight(gguf + ".weight", huggingFace + ".weight", outputs, inputs, layout);
        if (bias)
            yield return new Weight(gguf + ".bias", huggingFace + ".bias", 1, outputs, layout);
    }

    /// <summary>A norm's weights and, if wanted, its biases.</summary>
    public static IEnumerable<Weight> Norm(string gguf, string huggingFace, int width, bool bias = false, Layout? layout = null)
    {
        yield return new Weight(gguf + ".weight", huggingFace + ".weight", 1, width, layout);
        if (bias)
            yield return new Weight(gguf + ".bias", huggingFace + ".bias", 1, width);
    }

    /// <summary>Embedding, final norm, and an output matrix of its own unless tied, under Llama's names.</summary>
    public static IEnumerable<Weight> Ends(Sizes s, bool tied = false, Layout? normLayout = null, double embedding = 1) =>
    [
        new Weight("token_embd.weight", "model.embed_tokens.weight", s.Vocabulary, s.Hidden) { Scale = embedding },
        .. Norm("output_norm", "model.norm", s.Hidden, layout: normLayout),
        .. tied ? [] : Linear("output", "lm_head", s.Vocabulary, s.Hidden),
    ];

    /// <summary>q, k, v and the output, under Llama's names. GGUF's order of q and k is told by <paramref name="rotated"/>.</summary>
    public static IEnumerable<Weight> QueryKeyValue(Sizes s, bool bias = false, bool outputBias = false, Layout? rotated = null) =>
    [
        .. Linear("blk.{}.attn_q", Layer + "self_attn.q_proj", s.Q, s.Hidden, bias, rotated),
        .. Linear("blk.{}.attn_k", Layer + "self_attn.k_proj", s.Kv, s.Hidden, bias, rotated),
        .. Linear("blk.{}.attn_v", Layer + "self_attn.v_proj", s.Kv, s.Hidden, bias),
        .. Linear("blk.{}.attn_output", Layer + "self_attn.o_proj", s.Hidden, s.Q, outputBias),
    ];

    /// <summary>Gate, up and down, under Llama's names.</summary>
    public static IEnumerable<Weight> Gated(Sizes s) =>
    [
        .. Linear("blk.{}.ffn_gate", Layer + "mlp.gate_proj", s.FeedForward, s.Hidden),
        .. Linear("blk.{}.ffn_up", Layer + "mlp.up_proj", s.FeedForward, s.Hidden),
        .. Linear("blk.{}.ffn_down", Layer + "mlp.down_proj", s.Hidden, s.FeedForward),
    ];

    /// <summary>The two norms of a pre-norm layer, under Llama's names.</summary>
    public static IEnumerable<Weight> PreNorms(Sizes s) =>
    [
        .. Norm("blk.{}.attn_norm", Layer + "input_layernorm", s.Hidden),
        .. Norm("blk.{}.ffn_norm", Layer + "post_attention_layernorm", s.Hidden),
    ];

    /// <summary>The four norms of a Gemma layer; safetensors has one less than their weights.</summary>
    public static IEnumerable<Weight> Sandwich(Sizes s) =>
    [
        .. Norm("blk.{}.attn_norm", Layer + "input_layernorm", s.Hidden, layout: Layouts.MinusOne),
        .. Norm("blk.{}.post_attention_norm", Layer + "post_attention_layernorm", s.Hidden, layout: Layouts.MinusOne),
        .. Norm("blk.{}.ffn_norm", Layer + "pre_feedforward_layernorm", s.Hidden, layout: Layouts.MinusOne),
        .. Norm("blk.{}.post_ffw_norm", Layer + "post_feedforward_layernorm", s.Hidden, layout: Layouts.MinusOne).Select(norm => norm with { Scale = 0.15 }),
    ];

    /// <summary>Norms of queries and keys.</summary>
    public static IEnumerable<Weight> HeadNorms(int queryWidth, int keyWidth, Layout? layout = null) =>
    [
        .. Norm("blk.{}.attn_q_norm", Layer + "self_attn.q_norm", queryWidth, layout: layout),
        .. Norm("blk.{}.attn_k_norm", Layer + "self_attn.k_norm", keyWidth, layout: layout),
    ];
}
