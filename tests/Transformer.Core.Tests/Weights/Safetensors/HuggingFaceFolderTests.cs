using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights.Safetensors;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private const string Config = """
        {
          "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
          "attention_bias": false, "rope_scaling": { "rope_type": "llama3", "factor": 8.0, "original_max_position_embeddings": 8192 },
          "eos_token_id": [128001, 128009], "head_dim": null, "mixed": [1, "two", {"three": 3}], "numbers": [1, 2.5], "flags": [true, false],
          "none": [], "huge": 1e300
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private HuggingFaceFolder Open(string config, byte[]? weights = null)
    {
        _folder.Write("config.json", config);
        _folder.Write("model.safetensors", weights ?? new SafetensorsBytes().Floats("a", "1", 1).ToArray());
        return HuggingFaceFolder.Open(_folder.Path);
    }

    [Theory]
    [InlineData("model_type", "llama")]
    [InlineData("hidden_size", 64L)]
    [InlineData("rms_norm_eps", 1e-05)]
    [InlineData("rope_theta", 10000.0)]
    [InlineData("attention_bias", false)]
    [InlineData("rope_scaling.rope_type", "llama3")]
    [InlineData("rope_scaling.type", "llama3")]
    [InlineData("rope_scaling.factor", 8.0)]
    [InlineData("rope_scaling.original_max_position_embeddings", 8192L)]
    [InlineData("eos_token_id", new[] { 128001L, 128009L })]
    [InlineData("architectures", new[] { "LlamaForCausalLM" })]
    [InlineData("numbers", new[] { 1.0, 2.5 })]
    [InlineData("flags", new[] { true, false })]
    [InlineData("mixed.0", 1L)]
    [InlineData("mixed.2.three", 3L)]
    [InlineData("huge", 1e300)]
    [InlineData("rope_pairing", "half")]
    [InlineData("tie_word_embeddings", true)]
    public void Gives_values_of_config_json(string key, object expected)
    {
        using HuggingFaceFolder folder = Open(Config);

        object? value = folder.Find(key);

        value.Should().BeOfType(expected.GetType());
        value.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
    }

    [Fact]
    public void Null_and_empty_lists_are_as_good_as_absent()
    {
        using HuggingFaceFolder folder = Open(Config);

        folder.Architecture.Should().Be("llama");
        folder.Find("head_dim").Should().BeNull();
        folder.Find("none").Should().BeNull();
        folder.Find("never").Should().BeNull();
        folder.Keys.Should().Contain("rope_scaling.factor").And.NotContain(["head_dim", "none", "rope_scaling"]);
    }

    [Fact]
    public void Gpt2_and_newer_spellings_are_found_under_canonical_keys()
    {
        using HuggingFaceFolder folder = Open("""
            {"model_type": "gpt2", "n_embd": 48, "n_layer": 3, "n_head": 4, "n_inner": null, "n_positions": 11, "n_ctx": 12, "layer_norm_epsilon": 1e-5,
             "activation_function": "gelu_new", "rope_parameters": {"rope_theta": 5.0, "rope_type": "linear", "factor": 2.0}}
            """);

        folder.Find("hidden_size").Should().Be(48L);
        folder.Find("num_hidden_layers").Should().Be(3L);
        folder.Find("num_attention_heads").Should().Be(4L);
        folder.Find("intermediate_size").Should().Be(192L, "GPT2Config: None means four times n_embd");
        folder.Find("max_position_embeddings").Should().Be(11L);
        folder.Find("layer_norm_eps").Should().Be(1e-5);
        folder.Find("hidden_act").Should().Be("gelu_new");
        folder.Find("n_embd").Should().Be(48L);
        folder.Find("rope_theta").Should().Be(5.0);
        folder.Find("rope_scaling.type").Should().Be("linear");
        folder.Find("rope_scaling.factor").Should().Be(2.0);
    }

    [Fact]
    public void Spellings_of_gpt_neox_and_phi3()
    {
        using HuggingFaceFolder folder = Open("""
            {"model_type": "gpt_neox", "rotary_pct": 0.25, "rotary_emb_base": 5000, "original_max_position_embeddings": 4096, "rope_scaling": {"type": "su"}}
            """);

        folder.Find("partial_rotary_factor").Should().Be(0.25);
        folder.Find("rope_theta").Should().Be(5000L);
        folder.Find("rope_scaling.original_max_position_embeddings").Should().Be(4096L);
        folder.Find("rope_scaling.rope_type").Should().Be("su");
    }

    [Fact]
    public void Of_a_model_that_sees_the_text_part_is_meant_and_defaults_are_filled_in()
    {
        using HuggingFaceFolder folder = Open("""
            {"model_type": "gemma3", "text_config": {"hidden_size": 2560, "num_hidden_layers": 34, "rope_parameters":
              {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000}, "sliding_attention": {"rope_type": "default", "rope_theta": 10000}}},
             "vision_config": {"hidden_size": 1152}}
            """);

        folder.Find("hidden_size").Should().Be(2560L);
        folder.Find("rope_theta").Should().Be(1000000L);
        folder.Find("rope_local_base_freq").Should().Be(10000L);
        folder.Find("rope_scaling.type").Should().Be("linear");
        folder.Find("rope_scaling.factor").Should().Be(8.0);
        folder.Find("head_dim").Should().Be(256L, "Gemma3TextConfig's default");
        folder.Find("num_key_value_heads").Should().Be(4L);
    }

    [Theory]
    [InlineData("{}", "a", true)]
    [InlineData("{}", "lm_head.weight", false)]
    [InlineData("""{"tie_word_embeddings": true}""", "lm_head.weight", true)]
    [InlineData("""{"tie_word_embeddings": false}""", "lm_head.weight", false)]
    public void Embeddings_are_tied_where_config_says_so_or_else_where_there_is_no_head(string config, string tensor, bool tied)
    {
        using HuggingFaceFolder folder = Open(config, new SafetensorsBytes().Floats(tensor, "1", 1).ToArray());

        folder.Find("tie_word_embeddings").Should().Be(tied);
    }

    [Fact]
    public void Damaged_configs_are_refused()
    {
        foreach (string config in (string[])["", "{", "[]", "{\"a\": \"\\ud800\"}", "nonsense", "{\"a\": 1,}"])
            FluentActions.Invoking(() => Open(config)).Should().Throw<ModelFileException>().WithMessage("*config.json*");
        File.Delete(_folder.File("config.json"));
        FluentActions.Invoking(() => HuggingFaceFolder.Open(_folder.Path)).Should().Throw<ModelFileException>().WithMessage("*config.json*no such file*");
        FluentActions.Invoking(() => HuggingFaceFolder.Open(_folder.File("nowhere"))).Should().Throw<ModelFileException>().WithMessage("*nowhere*no such file*");
    }

    [Fact]
    public void A_single_file_is_opened_with_the_config_beside_it()
    {
        Open(Config).Dispose();
        string path = _folder.Write("other.safetensors", new SafetensorsBytes().Floats("b", "1", 2).ToArray());

        using HuggingFaceFolder folder = HuggingFaceFolder.Open(path);

        folder.Names.Should().Equal("b");
        folder.Find("hidden_size").Should().Be(64L);
        folder.Find("b", default)!.ToArray().Should().Equal(2);
    }

    [Fact]
    public void Weights_in_one_file_of_another_name_are_found_and_several_are_not_guessed()
    {
        _folder.Write("config.json", "{}");
        FluentActions.Invoking(() => HuggingFaceFolder.Open(_folder.Path)).Should().Throw<ModelFileException>().WithMessage("*model.safetensors or model.safetensors.index.json*neither*");
        _folder.Write("x.safetensors", new SafetensorsBytes().Floats("b", "1", 2).ToArray());
        HuggingFaceFolder.Open(_folder.Path).Names.Should().Equal("b");
        _folder.Write("y.safetensors", new SafetensorsBytes().Floats("c", "1", 2).ToArray());
        FluentActions.Invoking(() => HuggingFaceFolder.Open(_folder.Path)).Should().Throw<ModelFileException>().WithMessage("*neither*");
    }

    private HuggingFaceFolder OpenSharded(string weightMap)
    {
        _folder.Write("config.json", "{}");
        _folder.Write("1.safetensors", new SafetensorsBytes().Floats("a", "1", 1).Floats("unlisted", "1", 9).ToArray());
        _folder.Write("2.safetensors", new SafetensorsBytes().Floats("b", "1", 2).ToArray());
        _folder.Write("model.safetensors.index.json", $$"""{"weight_map": {{weightMap}} }""");
        return HuggingFaceFolder.Open(_folder.Path);
    }

    [Fact]
    public void Shards_are_one_source()
    {
        using HuggingFaceFolder folder = OpenSharded("""{"a": "1.safetensors", "b": "2.safetensors"}""");

        folder.Names.Should().Equal("a", "b");
        folder.Files.Should().HaveCount(2);
        folder.TensorInfos.Select(info => info.Name).Should().Equal("a", "b");
        folder.Find("b", default)!.ToArray().Should().Equal(2);
        folder.Find("b", default)!.Origin.Should().EndWith("2.safetensors");
        folder.Contains("unlisted").Should().BeFalse();
    }

    [Theory]
    [InlineData("""{"a": "3.safetensors"}""", "*'a'*3.safetensors*no such file*")]
    [InlineData("""{"a": "2.safetensors"}""", "*'a'*2.safetensors*none*")]
    [InlineData("""{"a": "../1.safetensors"}""", "*'a'*'../1.safetensors'*")]
    [InlineData("""{"a": "sub/1.safetensors"}""", "*'a'*beside the index*")]
    [InlineData("""{"a": "/etc/passwd"}""", "*'a'*beside the index*")]
    [InlineData("""{"a": "..\\1.safetensors"}""", "*'a'*beside the index*")]
    [InlineData("""{"a": ".."}""", "*'a'*beside the index*")]
    [InlineData("""{"a": ""}""", "*'a'*beside the index*")]
    [InlineData("""{"a": 1}""", "*'a'*the name of a file*")]
    [InlineData("""{"a": "1.safetensors", "a": "1.safetensors"}""", "*'a'*a second one*")]
    [InlineData("[]", "*weight_map*")]
    public void A_wrong_index_is_refused(string weightMap, string message)
    {
        FluentActions.Invoking(() => OpenSharded(weightMap)).Should().Throw<ModelFileException>().WithMessage("*index.json*" + message);
    }
}
