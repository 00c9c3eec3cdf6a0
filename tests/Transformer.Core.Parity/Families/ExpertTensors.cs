using static Transformer.Core.Parity.Families.Tensors;

namespace Transformer.Core.Parity.Families;

/// <summary>Groups of tensors of the families with experts.</summary>
internal static class ExpertTensors
{
    private const string Layer = "model.layers.{}.";

    /// <summary>A router and the experts' gate, up and down; safetensors has a tensor for each expert.</summary>
    /// <param name="s">Sizes.</param>
    /// <param name="experts">Experts.</param>
    /// <param name="width">Hidden features of an expert.</param>
    /// <param name="mlp">Where safetensors has them.</param>
    /// <param name="names">What it calls gate, up and down.</param>
    public static IEnumerable<Weight> Experts(Sizes s, int experts, int width, string mlp = "mlp", string names = "gate_proj up_proj down_proj")
    {
        string[] parts = names.Split(' ');
        string expert = $"{Layer}{mlp}.experts.{{e}}.";
        return
        [
            // Large, so that choices are clear: what differs by rounding alone must not choose another expert.
            new Weight("blk.{}.ffn_gate_inp.weight", $"{Layer}{mlp}.gate.weight", experts, s.Hidden) { Scale = 5 },
            new Weight("blk.{}.ffn_gate_exps.weight", $"{expert}{parts[0]}.weight", width, s.Hidden) { Experts = experts },
            new Weight("blk.{}.ffn_up_exps.weight", $"{expert}{parts[1]}.weight", width, s.Hidden) { Experts = experts },
            new Weight("blk.{}.ffn_down_exps.weight", $"{expert}{parts[2]}.weight", s.Hidden, width) { Experts = experts, Scale = 2 },
        ];
    }

    /// <summary>gpt-oss's router and experts, with biases; safetensors stores [inputs, outputs], the outputs of gate and up in turn.</summary>
    public static IEnumerable<Weight> AlternatingExperts(Sizes s, int experts, int width)
    {
        const string mlp = Layer + "mlp.";
        List<Weight> weights =
        [
            new("blk.{}.ffn_gate_inp.weight", mlp + "router.weight", experts, s.Hidden) { Scale = 5 },
            new("blk.{}.ffn_gate_inp.bias", mlp + "router.bias", 1, experts) { Scale = 5 },
        ];
        for (int layer = 0; layer < s.Layers; layer++)
        {
            // Large enough that values meet the limit.
            Weight gate = new Weight("blk.{}.ffn_gate_exps.weight", null, width, s.Hidden) { Experts = experts, Scale = 12 }.InLayer(layer);
            Weight up = new Weight("blk.{}.ffn_up_exps.weight", null, width, s.Hidden) { Experts = experts, Scale = 12 }.InLayer(layer);
            Weight gateBias = new Weight("blk.{}.ffn_gate_exps.bias", null, experts, width) { Scale = 2 }.InLayer(layer);
            Weight upBias = new Weight("blk.{}.ffn_up_exps.bias", null, experts, width) { Scale = 2 }.InLayer(layer);
            Weight down = new Weight("blk.{}.ffn_down_exps.weight", null, s.Hidden, width) { Experts = experts, Scale = 0.3 }.InLayer(layer);
            (float[] g, float[] u, float[] d) = (gate.Values(), up.Values(), down.Values());
            int both = 2 * width;
            float[] joined = [.. Enumerable.Range(0, experts * s.Hidden * both).Select(i =>
                (i % 2 == 0 ? g : u)[(((i / (s.Hidden * both) * width) + (i % both / 2)) * s.Hidden) + (i / both % s.Hidden)])];
            (float[] gb, float[] ub) = (gateBias.Values(), upBias.Values());
            float[] joinedBias = [.. Enumerable.Range(0, experts * both).Select(i => (i % 2 == 0 ? gb : ub)[(i / both * width) + (i % both / 2)])];
            float[] turned = [.. Enumerable.Range(0, experts * width * s.Hidden).Select(i =>
                d[(((i / (width * s.Hidden) * s.Hidden) + (i % s.Hidden)) * width) + (i / s.Hidden % width)])];
            string own = mlp.Replace("{}", $"{layer}", StringComparison.Ordinal) + "experts.";
            weights.AddRange([gate, up, gateBias, upBias, down]);
            weights.AddRange(
            [
                new Weight("", own + "gate_up_proj", s.Hidden, both) { Experts = experts, Given = joined, InGguf = false },
                new Weight("", own + "gate_up_proj_bias", experts, both) { Given = joinedBias, InGguf = false },
                new Weight("", own + "down_proj", width, s.Hidden) { Experts = experts, Given = turned, InGguf = false },
            ]);
            weights.Add(new Weight("blk.{}.ffn_down_exps.bias", mlp + "experts.down_proj_bias", experts, s.Hidden).InLayer(layer));
        }
        return weights;
    }

    /// <summary>Latent attention; safetensors, and GGUF unless <paramref name="split"/>, has one matrix for keys and values.</summary>
    public static IEnumerable<Weight> Latent(Sizes s, int rank, int nope, int rope, int value, int? queryRank, bool split)
    {
        List<Weight> weights =
        [
            new("blk.{}.attn_kv_a_mqa.weight", Layer + "self_attn.kv_a_proj_with_mqa.weight", rank + rope, s.Hidden),
            .. Norm("blk.{}.attn_kv_a_norm", Layer + "self_attn.kv_a_layernorm", rank),
            .. Linear("blk.{}.attn_output", Layer + "self_attn.o_proj", s.Hidden, s.Heads * value),
            .. queryRank is { } width
                ? (Weight[])[
                    new("blk.{}.attn_q_a.weight", Layer + "self_attn.q_a_proj.weight", width, s.Hidden),
                    .. Norm("blk.{}.attn_q_a_norm", Layer + "self_attn.q_a_layernorm", width),
                    new("blk.{}.attn_q_b.weight", Layer + "self_attn.q_b_proj.weight", s.Heads * (nope + rope), width)]
                : [new("blk.{}.attn_q.weight", Layer + "self_attn.q_proj.weight", s.Heads * (nope + rope), s.Hidden)],
        ];
        Weight both = new("blk.{}.attn_kv_b.weight", Layer + "self_attn.kv_b_proj.weight", s.Heads * (nope + value), rank);
        if (!split)
            return [.. weights, both];

        // One matrix in safetensors, two stacks in GGUF: of every head its keys' rows turned, and its values' rows.
        for (int layer = 0; layer < s.Layers; layer++)
        {
            Weight own = both.InLayer(layer);
            float[] all = own.Values();
            float[] keys = [.. Enumerable.Range(0, s.Heads * rank * nope).Select(i => all[((i / (rank * nope) * (nope + value)) + (i % nope)) * rank + (i / nope % rank)])];
            float[] values = [.. Enumerable.Range(0, s.Heads * value * rank).Select(i => all[((i / (value * rank) * (nope + value)) + nope + (i / rank % value)) * rank + (i % rank)])];
            weights.Add(own with { InGguf = false });
            weights.Add(new($"blk.{layer}.attn_k_b.weight", null, rank, nope) { Experts = s.Heads, Given = keys });
            weights.Add(new($"blk.{layer}.attn_v_b.weight", null, value, rank) { Experts = s.Heads, Given = values });
        }
        return weights;
    }

    /// <summary>A shared expert.</summary>
    public static IEnumerable<Weight> SharedExpert(Sizes s, int width, string name) =>
    [
        .. Linear("blk.{}.ffn_gate_shexp", $"{Layer}mlp.{name}.gate_proj", width, s.Hidden),
        .. Linear("blk.{}.ffn_up_shexp", $"{Layer}mlp.{name}.up_proj", width, s.Hidden),
        .. Linear("blk.{}.ffn_down_shexp", $"{Layer}mlp.{name}.down_proj", s.Hidden, width),
    ];
}
