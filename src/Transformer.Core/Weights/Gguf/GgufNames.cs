using System.Text.RegularExpressions;

namespace Transformer.Core.Weights.Gguf;

/// <summary>GGUF's tensor names (<c>blk.3.attn_q.weight</c>) under canonical ones (<c>model.layers.3.self_attn.q_proj.weight</c>).</summary>
/// <remarks>Names: the tables of llama.cpp's gguf-py/gguf/constants.py and tensor_mapping.py.</remarks>
public static partial class GgufNames
{
    private static readonly string[] Kinds = ["weight", "bias"];

    private static readonly (string Canonical, string File)[] Everywhere =
    [
        ("model.embed_tokens", "token_embd"),
        ("model.embed_positions", "position_embd"),
        ("model.embed_tokens.norm", "token_embd_norm"),
        ("model.norm", "output_norm"),
        ("lm_head", "output"),
        ("model.rope_freqs", "rope_freqs"),
        ("model.rope_factors_short", "rope_factors_short"),
        ("model.rope_factors_long", "rope_factors_long"),
        ("model.layers.{}.self_attn.q_proj", "blk.{}.attn_q"),
        ("model.layers.{}.self_attn.k_proj", "blk.{}.attn_k"),
        ("model.layers.{}.self_attn.v_proj", "blk.{}.attn_v"),
        ("model.layers.{}.self_attn.o_proj", "blk.{}.attn_output"),
        ("model.layers.{}.self_attn.q_norm", "blk.{}.attn_q_norm"),
        ("model.layers.{}.self_attn.k_norm", "blk.{}.attn_k_norm"),
        ("model.layers.{}.self_attn.q_a_proj", "blk.{}.attn_q_a"),
        ("model.layers.{}.self_attn.q_a_layernorm", "blk.{}.attn_q_a_norm"),
        ("model.layers.{}.self_attn.q_b_proj", "blk.{}.attn_q_b"),
        ("model.layers.{}.self_attn.kv_a_proj_with_mqa", "blk.{}.attn_kv_a_mqa"),
        ("model.layers.{}.self_attn.kv_a_layernorm", "blk.{}.attn_kv_a_norm"),
        ("model.layers.{}.self_attn.k_b_proj", "blk.{}.attn_k_b"),
        ("model.layers.{}.self_attn.v_b_proj", "blk.{}.attn_v_b"),
        ("model.layers.{}.mlp.gate_proj", "blk.{}.ffn_gate"),
        ("model.layers.{}.mlp.up_proj", "blk.{}.ffn_up"),
        ("model.layers.{}.mlp.down_proj", "blk.{}.ffn_down"),
        ("model.layers.{}.mlp.gate", "blk.{}.ffn_gate_inp"),
        ("model.layers.{}.mlp.experts.gate_proj", "blk.{}.ffn_gate_exps"),
        ("model.layers.{}.mlp.experts.up_proj", "blk.{}.ffn_up_exps"),
        ("model.layers.{}.mlp.experts.down_proj", "blk.{}.ffn_down_exps"),
        ("model.layers.{}.mlp.shared_experts.gate_proj", "blk.{}.ffn_gate_shexp"),
        ("model.layers.{}.mlp.shared_experts.up_proj", "blk.{}.ffn_up_shexp"),
        ("model.layers.{}.mlp.shared_experts.down_proj", "blk.{}.ffn_down_shexp"),
        ("model.layers.{}.mlp.shared_expert_gate", "blk.{}.ffn_gate_inp_shexp"),
        ("model.layers.{}.input_layernorm", "blk.{}.attn_norm"),
    ];

    // In Llama's names the norm before the feed-forward is called after what it stands behind.
    private static readonly (string Canonical, string File)[] PreNorm =
    [
        ("model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"),
    ];

    private static readonly (string Canonical, string File)[] PostNorm =
    [
        ("model.layers.{}.post_attention_layernorm", "blk.{}.post_attention_norm"),
        ("model.layers.{}.pre_feedforward_layernorm", "blk.{}.ffn_norm"),
        ("model.layers.{}.post_feedforward_layernorm", "blk.{}.post_ffw_norm"),
    ];

    /// <summary>
    /// The file's tensors under canonical names; a name without one keeps its own. Where the file fuses q, k and v
    /// (<c>attn_qkv</c>), each is a part of it. Disposing the result disposes the file.
    /// </summary>
    public static IWeightSource Canonical(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        TensorNames names = Table(GgufFamilies.HasPostNorms(file.Architecture), file.Names.Any(name => FusedAttention().IsMatch(name)));
        if (GgufFamilies.FusesGate(file.Architecture))
            names.AddFused("model.layers.{}.mlp.gate_proj.weight", "model.layers.{}.mlp.up_proj.weight", "blk.{}.ffn_up.weight");

        // Latent attention's files from before April 2025 have one matrix for both.
        if (file.Contains("blk.0.attn_kv_b.weight"))
            names.AddHeads("model.layers.{}.self_attn.k_b_proj.weight", "model.layers.{}.self_attn.v_b_proj.weight", "blk.{}.attn_kv_b.weight");

        // Files from before May 2024 have a tensor for each expert.
        if (file.Contains("blk.0.ffn_gate.0.weight"))
        {
            foreach (string part in (string[])["gate", "up", "down"])
                names.AddStack($"model.layers.{{}}.mlp.experts.{part}_proj.weight", $"blk.{{}}.ffn_{part}.{{e}}.weight");
        }
        return names.Apply(file);
    }

    private static TensorNames Table(bool postNorms, bool fused)
    {
        TensorNames names = new();
        foreach ((string canonical, string file) in Everywhere.Concat(postNorms ? PostNorm : PreNorm))
        {
            foreach (string kind in Kinds)
                names.Add($"{canonical}.{kind}", $"{file}.{kind}");
        }
        names.Add("model.layers.{}.self_attn.sinks", "blk.{}.attn_sinks.weight");
        names.Add("model.layers.{}.mlp.gate.e_score_correction_bias", "blk.{}.exp_probs_b.bias");
        if (!fused)
            return names;

        const string attention = "model.layers.{}.self_attn";
        foreach (string kind in Kinds)
            names.AddFused($"{attention}.q_proj.{kind}", $"{attention}.k_proj.{kind}", $"{attention}.v_proj.{kind}", $"blk.{{}}.attn_qkv.{kind}");
        return names;
    }

    [GeneratedRegex(@"^blk\.\d+\.attn_qkv\.weight$", RegexOptions.CultureInvariant)]
    private static partial Regex FusedAttention();
}
