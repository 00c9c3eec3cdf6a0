using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private IWeightSource Open(string architecture, params (string Name, TensorShape Shape)[] tensors)
    {
        GgufWriter writer = new GgufWriter().Set("general.architecture", architecture);
        foreach ((string name, TensorShape shape) in tensors)
            writer.Add(name, shape, WeightFormat.Float32, Enumerable.Range(0, (int)shape.Length).Select(i => (float)i).ToArray());
        writer.Save(_folder.File("m.gguf"));
        return GgufNames.Canonical(GgufFile.Open(_folder.File("m.gguf")));
    }

    private static (string Name, TensorShape Shape) One(string name) => (name, TensorShape.Vector(4));

    [Fact]
    public void Names_of_a_pre_norm_family()
    {
        using IWeightSource source = Open("qwen3", [.. new[]
        {
            "token_embd.weight", "output_norm.weight", "output.weight", "rope_freqs.weight", "blk.12.attn_q.weight", "blk.12.attn_q.bias",
            "blk.12.attn_q_norm.weight", "blk.12.attn_output.weight", "blk.12.ffn_gate.weight", "blk.12.ffn_norm.weight", "blk.12.attn_norm.weight", "blk.12.odd.weight",
        }.Select(One)]);

        source.Names.Should().Equal(
            "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight", "model.rope_freqs.weight",
            "model.layers.12.self_attn.q_proj.weight", "model.layers.12.self_attn.q_proj.bias", "model.layers.12.self_attn.q_norm.weight",
            "model.layers.12.self_attn.o_proj.weight", "model.layers.12.mlp.gate_proj.weight",
            "model.layers.12.post_attention_layernorm.weight", "model.layers.12.input_layernorm.weight", "blk.12.odd.weight");
        source.Names.Should().OnlyContain(name => source.Contains(name));
        source.Find("model.layers.12.self_attn.q_proj.bias", TensorShape.Vector(4))!.Name.Should().Be("blk.12.attn_q.bias");
        source.Find("model.layers.0.self_attn.q_proj.bias", TensorShape.Vector(4)).Should().BeNull();
    }

    [Theory]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("olmo2")]
    [InlineData("article")]
    public void Norms_of_a_family_with_norms_behind_its_halves(string architecture)
    {
        using IWeightSource source = Open(architecture, [.. new[]
        {
            "blk.0.attn_norm.weight", "blk.0.post_attention_norm.weight", "blk.0.ffn_norm.weight", "blk.0.post_ffw_norm.weight",
        }.Select(One)]);

        source.Names.Should().Equal(
            "model.layers.0.input_layernorm.weight", "model.layers.0.post_attention_layernorm.weight",
            "model.layers.0.pre_feedforward_layernorm.weight", "model.layers.0.post_feedforward_layernorm.weight");
    }

    [Fact]
    public void Fused_attention_is_cut_into_its_parts()
    {
        // 4 rows of q, 2 of k, 2 of v
        using IWeightSource source = Open("gpt2", ("blk.0.attn_qkv.weight", new TensorShape(8, 3)), ("blk.0.attn_qkv.bias", TensorShape.Vector(8)));

        source.Names.Should().HaveCount(6).And.Contain("model.layers.0.self_attn.k_proj.bias");
        float[] Part(string name, TensorShape shape) => source.Find($"model.layers.0.self_attn.{name}", shape)!.ToArray();
        Part("q_proj.weight", new(4, 3)).Should().Equal(Enumerable.Range(0, 12).Select(i => (float)i));
        Part("k_proj.weight", new(2, 3)).Should().Equal(12, 13, 14, 15, 16, 17);
        Part("v_proj.weight", new(2, 3)).Should().Equal(18, 19, 20, 21, 22, 23);
        Part("q_proj.bias", TensorShape.Vector(4)).Should().Equal(0, 1, 2, 3);
        Part("k_proj.bias", TensorShape.Vector(2)).Should().Equal(4, 5);
        Part("v_proj.bias", TensorShape.Vector(2)).Should().Equal(6, 7);
    }

    [Fact]
    public void Experts_stand_in_a_stack_or_each_in_a_tensor_of_its_own()
    {
        using IWeightSource stacked = Open("llama", ("blk.0.ffn_up_exps.weight", new TensorShape(2, 3, 2)), One("blk.0.exp_probs_b.bias"));
        stacked.Names.Should().Equal("model.layers.0.mlp.experts.up_proj.weight", "model.layers.0.mlp.gate.e_score_correction_bias");
        float[] values = stacked.Find("model.layers.0.mlp.experts.up_proj.weight", new TensorShape(2, 3, 2))!.ToArray();
        values.Should().Equal(Enumerable.Range(0, 12).Select(i => (float)i));

        using IWeightSource single = Open("llama", [.. new[] { "gate", "up", "down" }.SelectMany(part => Enumerable.Range(0, 2).Select(e => ($"blk.0.ffn_{part}.{e}.weight", new TensorShape(2, 3))))]);
        single.Names.Distinct().Should().Equal(
            "model.layers.0.mlp.experts.gate_proj.weight", "model.layers.0.mlp.experts.up_proj.weight", "model.layers.0.mlp.experts.down_proj.weight");
        single.Find("model.layers.0.mlp.experts.up_proj.weight", new TensorShape(2, 3, 2))!.ToArray().Should().Equal(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5);
    }
}
