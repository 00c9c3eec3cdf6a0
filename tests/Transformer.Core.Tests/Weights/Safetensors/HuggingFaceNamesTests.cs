using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights.Safetensors;

public sealed class HuggingFaceNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private IWeightSource Open(string architecture, SafetensorsBytes weights)
    {
        _folder.Write("config.json", $$"""{"model_type": "{{architecture}}"}""");
        _folder.Write("model.safetensors", weights.ToArray());
        return HuggingFaceNames.Canonical(HuggingFaceFolder.Open(_folder.Path));
    }

    private static float[] Count(int values) => [.. Enumerable.Range(0, values).Select(i => (float)i)];

    [Fact]
    public void Llamas_own_names_are_canonical_and_its_buffers_are_left_out()
    {
        using IWeightSource source = Open("llama", new SafetensorsBytes()
            .Floats("model.embed_tokens.weight", "1", 1).Floats("model.layers.0.self_attn.rotary_emb.inv_freq", "1", 1).Floats("model.rotary_emb.inv_freq", "1", 1));

        source.Names.Should().Equal("model.embed_tokens.weight");
        source.Find("model.embed_tokens.weight", default)!.ToArray().Should().Equal(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("transformer.")]
    public void Gpt2_with_and_without_prefix(string prefix)
    {
        // width 2: c_attn [2, 6] holds q, k and v side by side, and is transposed
        using IWeightSource source = Open("gpt2", new SafetensorsBytes()
            .Floats(prefix + "wte.weight", "3,2", Count(6)).Floats(prefix + "wpe.weight", "4,2", Count(8)).Floats("lm_head.weight", "3,2", Count(6))
            .Floats(prefix + "h.0.attn.c_attn.weight", "2,6", Count(12)).Floats(prefix + "h.0.attn.c_attn.bias", "6", Count(6))
            .Floats(prefix + "h.0.attn.c_proj.weight", "2,2", Count(4)).Floats(prefix + "h.0.attn.bias", "1,1,2,2", Count(4)).Floats(prefix + "h.0.attn.masked_bias", "", 1)
            .Floats(prefix + "h.0.mlp.c_fc.weight", "2,3", Count(6)).Floats(prefix + "h.0.mlp.c_proj.weight", "3,2", Count(6)).Floats(prefix + "h.0.mlp.c_proj.bias", "2", Count(2))
            .Floats(prefix + "h.0.ln_1.weight", "2", Count(2)).Floats(prefix + "h.0.ln_2.bias", "2", Count(2)).Floats(prefix + "ln_f.weight", "2", Count(2)));

        source.Names.Should().Equal(
            "model.embed_tokens.weight", "model.embed_positions.weight", "lm_head.weight",
            "model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight",
            "model.layers.0.self_attn.q_proj.bias", "model.layers.0.self_attn.k_proj.bias", "model.layers.0.self_attn.v_proj.bias",
            "model.layers.0.self_attn.o_proj.weight", "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight", "model.layers.0.mlp.down_proj.bias",
            "model.layers.0.input_layernorm.weight", "model.layers.0.post_attention_layernorm.bias", "model.norm.weight");

        float[] Part(string name, TensorShape shape)
        {
            Tensor tensor = source.Find("model.layers.0." + name, shape)!;
            tensor.Shape.Should().Be(shape);
            return tensor.ToArray();
        }
        TensorShape square = new(2, 2);
        Part("self_attn.q_proj.weight", square).Should().Equal(0, 6, 1, 7);
        Part("self_attn.k_proj.weight", square).Should().Equal(2, 8, 3, 9);
        Part("self_attn.v_proj.weight", square).Should().Equal(4, 10, 5, 11);
        Part("self_attn.k_proj.bias", TensorShape.Vector(2)).Should().Equal(2, 3);
        Part("self_attn.o_proj.weight", square).Should().Equal(0, 2, 1, 3);
        Part("mlp.up_proj.weight", new TensorShape(3, 2)).Should().Equal(0, 3, 1, 4, 2, 5);
        Part("mlp.down_proj.weight", new TensorShape(2, 3)).Should().Equal(0, 2, 4, 1, 3, 5);
        Part("mlp.down_proj.bias", TensorShape.Vector(2)).Should().Equal(0, 1);
        source.Find("model.embed_tokens.weight", default)!.ToArray().Should().Equal(Count(6));
    }

    [Fact]
    public void DeepSeek_s_layer_that_predicts_a_second_token_is_left_out()
    {
        _folder.Write("config.json", """{"model_type": "deepseek_v3", "num_hidden_layers": 61, "num_nextn_predict_layers": 1}""");
        _folder.Write("model.safetensors", new SafetensorsBytes()
            .Floats("model.layers.6.mlp.experts.0.up_proj.weight", "2,2", Count(4)).Floats("model.layers.6.mlp.experts.1.up_proj.weight", "2,2", Count(4))
            .Floats("model.layers.61.eh_proj.weight", "2,2", Count(4)).Floats("model.layers.61.mlp.experts.0.up_proj.weight", "2,2", Count(4)).ToArray());
        using HuggingFaceFolder folder = HuggingFaceFolder.Open(_folder.Path);
        HuggingFaceNames.Canonical(folder).Names.Distinct().Should().Equal("model.layers.6.mlp.experts.up_proj.weight");
        folder.Find("rope_pairing").Should().Be("interleaved");
    }
}
