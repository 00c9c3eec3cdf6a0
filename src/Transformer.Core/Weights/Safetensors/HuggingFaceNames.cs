namespace Transformer.Core.Weights.Safetensors;

/// <summary>Tensor names of Hugging Face checkpoints under canonical ones, which are those of its Llama.</summary>
/// <remarks>Names and layouts: modeling_*.py of huggingface/transformers, one method a family that differs.</remarks>
public static class HuggingFaceNames
{
    private const string Layer = "model.layers.{}";
    private static readonly string[] Kinds = ["weight", "bias"];
    private static readonly string[] Gated = ["gate_proj", "up_proj", "down_proj"];

    /// <summary>
    /// The folder's tensors under canonical names; a name without one keeps its own. Buffers that old versions of
    /// transformers saved beside the weights (causal masks, rotation frequencies) are not among <see cref="IWeightSource.Names"/>.
    /// Disposing the result disposes the folder.
    /// </summary>
    public static IWeightSource Canonical(HuggingFaceFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        TensorNames names = new TensorNames()
            .Ignore("model.rotary_emb.inv_freq")
            .Ignore("model.layers.{}.self_attn.rotary_emb.inv_freq");
        return (folder.Architecture switch
        {
            "bloom" => Bloom(names, Prefix(folder, "transformer."), Heads(folder)),
            "deepseek_v2" or "deepseek_v3" => DeepSeek(names, folder),
            "gemma2" or "gemma3" or "gemma3_text" => Gemma(names, folder),
            "gpt2" => Gpt2(names, Prefix(folder, "transformer.")),
            "gpt_oss" => GptOss(names, transposed: !MicroscaledWeights.AreIn(folder)),
            "gpt_neox" => GptNeoX(names, Heads(folder)),
            "mixtral" => Mixtral(names),
            "phi3" => Phi3(names),
            "qwen2_moe" or "qwen3_moe" => QwenExperts(names),
            _ => names,
        }).Apply(Decoded(folder));
    }

    /// <summary>The folder, with matrices that stand in two tensors, values and scales, as one.</summary>
    private static IWeightSource Decoded(HuggingFaceFolder folder) =>
        MicroscaledWeights.AreIn(folder) ? new MicroscaledWeights(folder)
        : Float8Weights.AreIn(folder) ? new Float8Weights(folder)
        : folder;

    /// <summary>BLOOM: q, k and v are one and interleaved by head.</summary>
    private static TensorNames Bloom(TensorNames names, string prefix, int heads)
    {
        string block = prefix + "h.{}";
        names.Add("model.embed_tokens.weight", prefix + "word_embeddings.weight");
        foreach (string kind in Kinds)
        {
            names.Add($"model.embed_tokens.norm.{kind}", $"{prefix}word_embeddings_layernorm.{kind}");
            names.Add($"model.norm.{kind}", $"{prefix}ln_f.{kind}");
            names.Add($"{Layer}.input_layernorm.{kind}", $"{block}.input_layernorm.{kind}");
            names.Add($"{Layer}.post_attention_layernorm.{kind}", $"{block}.post_attention_layernorm.{kind}");
            Interleaved(names, $"{block}.self_attention.query_key_value", kind, heads);
            names.Add($"{Layer}.self_attn.o_proj.{kind}", $"{block}.self_attention.dense.{kind}");
            names.Add($"{Layer}.mlp.up_proj.{kind}", $"{block}.mlp.dense_h_to_4h.{kind}");
            names.Add($"{Layer}.mlp.down_proj.{kind}", $"{block}.mlp.dense_4h_to_h.{kind}");
        }
        return names;
    }

    /// <summary>
    /// DeepSeek: keys and values of all heads are made by one matrix. Layers behind the last predict further tokens; they
    /// are no part of the model.
    /// </summary>
    private static TensorNames DeepSeek(TensorNames names, HuggingFaceFolder folder)
    {
        int layers = folder.Integer("num_hidden_layers");
        for (int layer = layers; layer < layers + (folder.OptionalInteger("num_nextn_predict_layers") ?? 0); layer++)
            names.IgnoreBelow($"model.layers.{layer}.");
        return Experts(names).AddHeads($"{Layer}.self_attn.k_b_proj.weight", $"{Layer}.self_attn.v_b_proj.weight", $"{Layer}.self_attn.kv_b_proj.weight");
    }

    /// <summary>Gemma: norms multiply by 1 + weight. Of files that also hold a vision model, only the language model is read.</summary>
    private static TensorNames Gemma(TensorNames names, HuggingFaceFolder folder)
    {
        string[] matrices = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];
        string[] norms =
        [
            "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm",
            "self_attn.q_norm", "self_attn.k_norm",
        ];
        const string early = "language_model.model.", late = "model.language_model.";
        string model = Prefix(folder, early) + Prefix(folder, late);
        string file = model.Length == 0 ? "model." : model;
        names.Add("model.embed_tokens.weight", $"{file}embed_tokens.weight");
        names.AddShifted("model.norm.weight", $"{file}norm.weight", 1);
        foreach (string matrix in matrices)
            names.Add($"{Layer}.{matrix}.weight", $"{file}layers.{{}}.{matrix}.weight");
        foreach (string norm in norms)
            names.AddShifted($"{Layer}.{norm}.weight", $"{file}layers.{{}}.{norm}.weight", 1);
        foreach (string part in (string[])["vision_tower.", "multi_modal_projector."])
            names.IgnoreBelow(part).IgnoreBelow("model." + part);
        return names;
    }

    /// <summary>GPT-2: Conv1D keeps its matrices [inputs, outputs], and q, k and v are one.</summary>
    private static TensorNames Gpt2(TensorNames names, string prefix)
    {
        string block = prefix + "h.{}";
        names.Add("model.embed_tokens.weight", prefix + "wte.weight");
        names.Add("model.embed_positions.weight", prefix + "wpe.weight");
        foreach (string kind in Kinds)
        {
            bool transposed = kind == "weight";
            names.Add($"model.norm.{kind}", $"{prefix}ln_f.{kind}");
            names.Add($"{Layer}.input_layernorm.{kind}", $"{block}.ln_1.{kind}");
            names.Add($"{Layer}.post_attention_layernorm.{kind}", $"{block}.ln_2.{kind}");
            names.AddFused($"{Layer}.self_attn.q_proj.{kind}", $"{Layer}.self_attn.k_proj.{kind}", $"{Layer}.self_attn.v_proj.{kind}", $"{block}.attn.c_attn.{kind}", transposed);
            names.Add($"{Layer}.self_attn.o_proj.{kind}", $"{block}.attn.c_proj.{kind}", transposed);
            names.Add($"{Layer}.mlp.up_proj.{kind}", $"{block}.mlp.c_fc.{kind}", transposed);
            names.Add($"{Layer}.mlp.down_proj.{kind}", $"{block}.mlp.c_proj.{kind}", transposed);
        }
        return names.Ignore(block + ".attn.bias").Ignore(block + ".attn.masked_bias");
    }

    /// <summary>GPT-NeoX: q, k and v are one and interleaved by head; the output matrix is embed_out.</summary>
    private static TensorNames GptNeoX(TensorNames names, int heads)
    {
        const string block = "gpt_neox.layers.{}";
        names.Add("model.embed_tokens.weight", "gpt_neox.embed_in.weight");
        names.Add("lm_head.weight", "embed_out.weight");
        foreach (string kind in Kinds)
        {
            names.Add($"model.norm.{kind}", $"gpt_neox.final_layer_norm.{kind}");
            names.Add($"{Layer}.input_layernorm.{kind}", $"{block}.input_layernorm.{kind}");
            names.Add($"{Layer}.post_attention_layernorm.{kind}", $"{block}.post_attention_layernorm.{kind}");
            Interleaved(names, $"{block}.attention.query_key_value", kind, heads);
            names.Add($"{Layer}.self_attn.o_proj.{kind}", $"{block}.attention.dense.{kind}");
            names.Add($"{Layer}.mlp.up_proj.{kind}", $"{block}.mlp.dense_h_to_4h.{kind}");
            names.Add($"{Layer}.mlp.down_proj.{kind}", $"{block}.mlp.dense_4h_to_h.{kind}");
        }
        return names.Ignore(block + ".attention.bias").Ignore(block + ".attention.masked_bias").Ignore(block + ".attention.rotary_emb.inv_freq");
    }

    /// <summary>gpt-oss: the router has another name, the experts' outputs of gate and up alternate; only floats are transposed.</summary>
    private static TensorNames GptOss(TensorNames names, bool transposed)
    {
        foreach (string kind in Kinds)
            names.Add($"{Layer}.mlp.gate.{kind}", $"{Layer}.mlp.router.{kind}");
        return names
            .AddAlternating($"{Layer}.mlp.experts.gate_proj.weight", $"{Layer}.mlp.experts.up_proj.weight", $"{Layer}.mlp.experts.gate_up_proj", transposed)
            .AddAlternating($"{Layer}.mlp.experts.gate_proj.bias", $"{Layer}.mlp.experts.up_proj.bias", $"{Layer}.mlp.experts.gate_up_proj_bias")
            .Add($"{Layer}.mlp.experts.down_proj.weight", $"{Layer}.mlp.experts.down_proj", transposed)
            .Add($"{Layer}.mlp.experts.down_proj.bias", $"{Layer}.mlp.experts.down_proj_bias");
    }

    /// <summary>Mixtral: gate, up and down of an expert are w1, w3 and w2.</summary>
    private static TensorNames Mixtral(TensorNames names) => names
        .Add($"{Layer}.mlp.gate.weight", $"{Layer}.block_sparse_moe.gate.weight")
        .AddStack($"{Layer}.mlp.experts.gate_proj.weight", $"{Layer}.block_sparse_moe.experts.{{e}}.w1.weight")
        .AddStack($"{Layer}.mlp.experts.up_proj.weight", $"{Layer}.block_sparse_moe.experts.{{e}}.w3.weight")
        .AddStack($"{Layer}.mlp.experts.down_proj.weight", $"{Layer}.block_sparse_moe.experts.{{e}}.w2.weight");

    /// <summary>Qwen with experts: the shared one is one.</summary>
    private static TensorNames QwenExperts(TensorNames names)
    {
        foreach (string part in Gated)
            names.Add($"{Layer}.mlp.shared_experts.{part}.weight", $"{Layer}.mlp.shared_expert.{part}.weight");
        return Experts(names);
    }

    /// <summary>A tensor for each expert.</summary>
    private static TensorNames Experts(TensorNames names)
    {
        foreach (string part in Gated)
            names.AddStack($"{Layer}.mlp.experts.{part}.weight", $"{Layer}.mlp.experts.{{e}}.{part}.weight");
        return names;
    }

    /// <summary>Phi-3: q, k and v are one, and so are gate and up.</summary>
    private static TensorNames Phi3(TensorNames names) => names
        .AddFused($"{Layer}.self_attn.q_proj.weight", $"{Layer}.self_attn.k_proj.weight", $"{Layer}.self_attn.v_proj.weight", $"{Layer}.self_attn.qkv_proj.weight")
        .AddFused($"{Layer}.mlp.gate_proj.weight", $"{Layer}.mlp.up_proj.weight", $"{Layer}.mlp.gate_up_proj.weight");

    private static void Interleaved(TensorNames names, string file, string kind, int heads) => names.AddInterleaved(
        $"{Layer}.self_attn.q_proj.{kind}", $"{Layer}.self_attn.k_proj.{kind}", $"{Layer}.self_attn.v_proj.{kind}", $"{file}.{kind}", heads);

    /// <summary>Older files leave the model's own name out.</summary>
    private static string Prefix(HuggingFaceFolder folder, string prefix) =>
        folder.Names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)) ? prefix : "";

    private static int Heads(HuggingFaceFolder folder)
    {
        const string key = "num_attention_heads";
        int heads = folder.Integer(key);
        return heads > 0 ? heads : throw new ModelFileException(folder.Origin, key, "an integer of at least 1", $"{heads}");
    }
}
