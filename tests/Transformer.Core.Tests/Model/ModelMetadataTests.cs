using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Support;
using Transformer.Core.Tests.Tokenization;
using Transformer.Core.Tests.Weights;
using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Model;

/// <summary>What a model still knows of its checkpoint.</summary>
public sealed class ModelMetadataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_from_nothing_has_none() => TinyModels.Build("llama").Metadata.Should().BeNull();

    [DataFact]
    public void A_gguf_file_s_scalars_stay_and_its_vocabulary_goes()
    {
        TransformerModel model = ModelLoader.Open(TestData.Path("models", "stories260K.gguf")).Build();
        IModelMetadata metadata = model.Metadata!;
        metadata.Architecture.Should().Be("llama");
        metadata.Find("llama.embedding_length").Should().Be(64L);
        metadata.Find("hidden_size").Should().Be(64L, "canonical names of sizes are known too");
        metadata.Find("vocab_size").Should().Be(512L);
        metadata.Find("tokenizer.ggml.tokens").Should().BeNull();
        metadata.Find("tokenizer.ggml.scores").Should().BeNull();
        metadata.Find("bos_token").Should().Be(model.Tokenizer!.TokenText(model.Tokenizer.BosTokenId!.Value));
        metadata.Keys.Should().Contain("general.architecture").And.NotContain("tokenizer.ggml.tokens");
    }

    [Fact]
    public void Chat_templates_of_gguf_are_found_by_name()
    {
        string path = _folder.File("m.gguf");
        new GgufWriter().Set("general.architecture", "llama").Set("tokenizer.chat_template", "main").Set("tokenizer.chat_template.tool_use", "tools").Save(path);
        using GgufFile file = GgufFile.Open(path);
        MetadataSnapshot metadata = new(file, file.SpecialTokens());
        (metadata.Find("tokenizer.chat_template"), metadata.Find("tokenizer.chat_template.tool_use")).Should().Be(("main", "tools"));
    }

    [Theory]
    [InlineData("""{"chat_template": "one", "bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}}""", "one", null, "<s>", "</s>")]
    [InlineData("""{"chat_template": [{"name": "default", "template": "one"}, {"name": "rag", "template": "two"}, {"name": 3}, 4], "bos_token": null}""", "one", "two", null, null)]
    [InlineData("""{"chat_template": 5, "bos_token": 7}""", null, null, null, null)]
    [InlineData("""{}""", null, null, null, null)]
    public void A_folder_s_tokenizer_config_is_read(string json, string? template, string? rag, string? bos, string? eos)
    {
        IModelMetadata metadata = Folder(("tokenizer_config.json", json));
        metadata.Find("tokenizer.chat_template").Should().Be(template);
        metadata.Find("tokenizer.chat_template.rag").Should().Be(rag);
        metadata.Find("bos_token").Should().Be(bos);
        metadata.Find("eos_token").Should().Be(eos);
        metadata.Find("hidden_size").Should().Be(48L);
        metadata.Find("num_key_value_heads").Should().NotBeNull();
    }

    [Fact]
    public void A_template_in_a_file_of_its_own_comes_first()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(_folder.Path, "additional_chat_templates", "rag.jinja"), "other");
        IModelMetadata metadata = Folder(("tokenizer_config.json", """{"chat_template": "old"}"""), ("chat_template.jinja", "{{ new }}\n"), ("generation_config.json", """{"temperature": 0.6, "eos_token_id": [1, 2]}"""));
        metadata.Find("tokenizer.chat_template").Should().Be("{{ new }}\n");
        metadata.Find("tokenizer.chat_template.rag").Should().Be("other");
        metadata.Find("generation_config.temperature").Should().Be(0.6);
    }

    [Fact]
    public void A_file_that_is_no_json_is_named()
    {
        ((Action)(() => Folder(("tokenizer_config.json", "{")))).Should().Throw<ModelFileException>().WithMessage("*tokenizer_config.json*");
        File.WriteAllText(_folder.File("chat_template.jinja"), new string('x', (4 << 20) + 1));
        ((Action)(() => HuggingFaceSettings.Read(_folder.Path))).Should().Throw<ModelFileException>().WithMessage("*chat_template.jinja*");
    }

    [Fact]
    public void What_is_too_large_is_left_out()
    {
        FakeMetadata lies = new();
        lies.Values["list"] = new long[256];
        lies.Values["long list"] = new long[257];
        lies.Values["long text"] = new string('x', (1 << 20) + 1);
        for (int i = 0; i < 10; i++)
            lies.Values[$"text {i}"] = new string('x', 1 << 20);
        for (int i = 0; i < 10_000; i++)
            lies.Values[$"key {i}"] = 1L;
        MetadataSnapshot metadata = new(lies, [("tokenizer.chat_template", "kept")]);
        metadata.Find("list").Should().NotBeNull();
        metadata.Find("long list").Should().BeNull();
        metadata.Find("long text").Should().BeNull();
        Enumerable.Range(0, 10).Count(i => metadata.Find($"text {i}") is not null).Should().Be(3);
        metadata.Keys.Count().Should().BeLessThanOrEqualTo(4096);
        metadata.Find("tokenizer.chat_template").Should().Be("kept");
    }

    private IModelMetadata Folder(params (string Name, string Text)[] files)
    {
        TemporaryCopy.Of("llama-tiny", _folder);
        foreach ((string name, string text) in files)
            _folder.Write(name, text);
        return ModelLoader.Open(_folder.Path).Build().Metadata!;
    }
}
