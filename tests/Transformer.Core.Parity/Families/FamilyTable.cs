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
        Llama("llama", new(60, 6, 3, 10, 86)),
    ];

    public static Family Find(string name) => All.Single(family => family.Name == name);

    private static Family Gpt2(Sizes s) => new("gpt2", "gpt2", s)
    {
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
        Gguf = new() { ["attention.layer_norm_rms_epsilon"] = 1e-5, ["rope.dimension_count"] = s.HeadDim },
        Config = new() { ["rms_norm_eps"] = 1e-5 },
        Weights = [.. Ends(s), .. PreNorms(s), .. QueryKeyValue(s, rotated: Layouts.Halves(s.HeadDim)), .. Gated(s)],
    };
}
