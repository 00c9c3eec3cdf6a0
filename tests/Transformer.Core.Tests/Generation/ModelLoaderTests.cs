using System.Text;
using Transformer.Core.Architectures;
using Transformer.Core.Tests.Support;
using Transformer.Core.Tests.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Generation;

/// <summary>Bad input through the public door: each has its exception, which names the file and what is wrong.</summary>
public sealed class ModelLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("missing.gguf")]
    [InlineData("missing.safetensors")]
    [InlineData("missing-folder")]
    public void A_missing_file_is_named(string name)
    {
        string path = _folder.File(name);
        Opened(path).Should().Throw<ModelFileException>().WithMessage($"*{name}*");
        ((Action)(() => TransformerBuilder.FromGguf(path))).Should().Throw<ModelFileException>();
        ((Action)(() => TransformerBuilder.FromPretrained(path))).Should().Throw<ModelFileException>();
    }

    [Fact]
    public void An_empty_folder_lacks_its_config() => Opened(_folder.Path).Should().Throw<ModelFileException>().WithMessage("*config.json*");

    [Fact]
    public void A_folder_without_weights_says_which_files_were_looked_for()
    {
        File.Copy(Path.Combine(Reference.Folder("llama-tiny"), "config.json"), _folder.File("config.json"));
        Opened(_folder.Path).Should().Throw<ModelFileException>().WithMessage("*model.safetensors*");
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        Copy("llama-tiny-llama3");
        File.Delete(_folder.File("model-00002-of-00002.safetensors"));
        Opened(_folder.Path).Should().Throw<ModelFileException>().WithMessage("*model-00002-of-00002.safetensors*");
    }

    [Fact]
    public void A_wrong_magic_is_no_gguf() =>
        Opened(_folder.Write("model.gguf", Encoding.ASCII.GetBytes("NOPE, this is a text and no model at all"))).Should().Throw<ModelFileException>().WithMessage("*GGUF*");

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(-4)]
    public void A_truncated_gguf_is_refused(int length)
    {
        string path = _folder.File("model.gguf");
        new GgufWriter().Set("general.architecture", "llama")
            .Add("token_embd.weight", new(4, 8), Core.Numerics.Formats.WeightFormat.Float32, new float[32]).Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(length < 0 ? bytes.Length + length : length)]);
        Opened(path).Should().Throw<ModelFileException>().WithMessage("*model.gguf*");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(100)]
    [InlineData(-4)]
    public void Truncated_safetensors_are_refused(int length)
    {
        Copy("llama-tiny");
        byte[] bytes = File.ReadAllBytes(_folder.File("model.safetensors"));
        File.WriteAllBytes(_folder.File("model.safetensors"), bytes[..(length < 0 ? bytes.Length + length : length)]);
        Opened(_folder.Path).Should().Throw<ModelFileException>().WithMessage("*model.safetensors*");
    }

    [Fact]
    public void An_unknown_architecture_is_named_with_those_that_are_known()
    {
        Copy("llama-tiny");
        Edit("\"model_type\": \"llama\"", "\"model_type\": \"mamba\"");
        UnsupportedModelException thrown = Opened(_folder.Path).Should().Throw<UnsupportedModelException>().Which;
        (thrown.Kind, thrown.Found).Should().Be(("architecture", "mamba"));
        thrown.Supported.Should().Contain(["article", "gpt2", "llama"]);
        thrown.Message.Should().Contain("IArchitecture");
    }

    [Fact]
    public void A_gguf_of_an_unknown_architecture_too()
    {
        string path = _folder.File("model.gguf");
        new GgufWriter().Set("general.architecture", "mamba").Save(path);
        Opened(path).Should().Throw<UnsupportedModelException>().Which.Found.Should().Be("mamba");
    }

    [Theory]
    [InlineData("\"hidden_size\": 48", "\"hidden_size\": 0", "hidden_size")]
    [InlineData("\"hidden_size\": 48", "\"hidden_size\": \"wide\"", "hidden_size")]
    [InlineData("\"hidden_size\": 48,", "", "hidden_size")]
    [InlineData("\"num_attention_heads\": 6", "\"num_attention_heads\": -6", "num_attention_heads")]
    [InlineData("\"rms_norm_eps\": 1e-05", "\"rms_norm_eps\": 2", "rms_norm_eps")]
    [InlineData("\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 0}", "rope_scaling.factor")]
    public void A_value_that_cannot_be_is_named(string from, string to, string key)
    {
        Copy("llama-tiny");
        Edit(from, to);
        Opened(_folder.Path).Should().Throw<ModelFileException>().Which.Subject.Should().Be(key);
    }

    [Theory]
    [InlineData("\"hidden_act\": \"silu\"", "\"hidden_act\": \"mish\"", "mish")]
    [InlineData("\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"longrope\", \"factor\": 4}", "longrope")]
    public void What_is_not_supported_is_named(string from, string to, string found)
    {
        Copy("llama-tiny");
        Edit(from, to);
        Opened(_folder.Path).Should().Throw<UnsupportedModelException>().Which.Found.Should().Be(found);
    }

    [Fact]
    public void Tensors_of_another_shape_are_all_listed()
    {
        Copy("llama-tiny");
        Edit("\"intermediate_size\": 80", "\"intermediate_size\": 81");
        IReadOnlyList<string> problems = ((Action)(() => ModelLoader.Open(_folder.Path).Build())).Should().Throw<ModelBuildException>().Which.Problems;
        problems.Should().HaveCount(9).And.AllSatisfy(p => p.Should().Contain("expected shape [").And.Contain("81").And.Contain("found ["));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    public void A_config_that_is_no_json_object_is_refused(string text)
    {
        Copy("llama-tiny");
        _folder.Write("config.json", text);
        Opened(_folder.Path).Should().Throw<ModelFileException>().WithMessage("*config.json*");
    }

    [Fact]
    public void All_of_them_are_transformer_exceptions()
    {
        foreach (Type type in typeof(TransformerException).Assembly.GetExportedTypes().Where(t => typeof(Exception).IsAssignableFrom(t)))
            type.Should().BeAssignableTo<TransformerException>();
    }

    [Fact]
    public void A_family_of_one_s_own_is_found_by_its_name()
    {
        Copy("llama-tiny");
        Edit("\"model_type\": \"llama\"", "\"model_type\": \"my-llama\"");
        ArchitectureRegistry registry = new ArchitectureRegistry().Register(new Renamed());
        int[] tokens = [1, 2, 3];
        float[] own = ModelLoader.Open(_folder.Path, architectures: registry).Build().AllLogits(tokens);
        own.Should().Equal(ModelLoader.Open(Reference.Folder("llama-tiny")).Build().AllLogits(tokens));
    }

    private static Action Opened(string path) => () => ModelLoader.Open(path);

    private void Copy(string model)
    {
        foreach (string file in Directory.GetFiles(Reference.Folder(model)))
            File.Copy(file, _folder.File(Path.GetFileName(file)));
    }

    private void Edit(string from, string to)
    {
        string text = File.ReadAllText(_folder.File("config.json"));
        text.Should().Contain(from);
        File.WriteAllText(_folder.File("config.json"), text.Replace(from, to));
    }

    private sealed class Renamed : IArchitecture
    {
        public IReadOnlyList<string> Names { get; } = ["my-llama"];

        public void Configure(TransformerBuilder builder, IModelMetadata metadata) => new LlamaArchitecture().Configure(builder, metadata);
    }
}
