namespace Transformer.Core.Weights.Safetensors;

/// <summary>Tensor names of Hugging Face checkpoints under canonical ones, which are those of its Llama.</summary>
public static class HuggingFaceNames
{
    private static readonly string[] Kinds = ["weight", "bias"];

    /// <summary>
    /// The folder's tensors under canonical names; a name without one keeps its own. Buffers that old versions of
    /// transformers saved beside the weights (causal masks, rotation frequencies) are not among <see cref="IWeightSource.Names"/>.
    /// Disposing the result disposes the folder.
    /// </summary>
    public static IWeightSource Canonical(HuggingFaceFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        TensorNames names = folder.Architecture == "gpt2"
            ? Gpt2(folder.Names.Any(name => name.StartsWith("transformer.", StringComparison.Ordinal)) ? "transformer." : "")
            : Llama();
        return names.Apply(folder);
    }

    private static TensorNames Llama() => new TensorNames()
        .Ignore("model.rotary_emb.inv_freq")
        .Ignore("model.layers.{}.self_attn.rotary_emb.inv_freq");

    /// <summary>GPT-2 (modeling_gpt2.py of transformers): Conv1D keeps its matrices [inputs, outputs], and q, k and v are one.</summary>
    private static TensorNames Gpt2(string prefix)
    {
        const string layer = "model.layers.{}";
        string block = prefix + "h.{}";
        TensorNames names = new();
        names.Add("model.embed_tokens.weight", prefix + "wte.weight");
        names.Add("model.embed_positions.weight", prefix + "wpe.weight");
        foreach (string kind in Kinds)
        {
            bool transposed = kind == "weight";
            names.Add($"model.norm.{kind}", $"{prefix}ln_f.{kind}");
            names.Add($"{layer}.input_layernorm.{kind}", $"{block}.ln_1.{kind}");
            names.Add($"{layer}.post_attention_layernorm.{kind}", $"{block}.ln_2.{kind}");
            names.AddFused($"{layer}.self_attn.q_proj.{kind}", $"{layer}.self_attn.k_proj.{kind}", $"{layer}.self_attn.v_proj.{kind}", $"{block}.attn.c_attn.{kind}", transposed);
            names.Add($"{layer}.self_attn.o_proj.{kind}", $"{block}.attn.c_proj.{kind}", transposed);
            names.Add($"{layer}.mlp.up_proj.{kind}", $"{block}.mlp.c_fc.{kind}", transposed);
            names.Add($"{layer}.mlp.down_proj.{kind}", $"{block}.mlp.c_proj.{kind}", transposed);
        }
        return names.Ignore(block + ".attn.bias").Ignore(block + ".attn.masked_bias");
    }
}
