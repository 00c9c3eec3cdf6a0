using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class GoldenTests
{
    [DataTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("deepseek-llm")]
    public void Ids_of_gguf_vocabularies_equal_llama_cpp(string name)
    {
        ITokenizer tokenizer = Goldens.Gguf($"ggml-vocab-{name}.gguf");

        Goldens.Check(tokenizer, Goldens.Rows("tokenize-llama.cpp.jsonl", "vocab", $"ggml-vocab-{name}.gguf"));
        Goldens.Check(tokenizer, Goldens.LlamaCpp(name));
    }

    [DataTheory]
    [InlineData("llama3", "tokenizers")]
    [InlineData("qwen3", "tokenizers")]
    [InlineData("deepseek_v3", "tokenizers")]
    [InlineData("stories260K", "models", "-hf")]
    public void Ids_of_tokenizer_json_equal_hugging_face(string name, string parent, string suffix = "") =>
        Goldens.Check(Goldens.Folder(parent, name + suffix), Goldens.Rows("tokenize-hf.jsonl", "tokenizer", name), parseSpecial: true);

    [DataTheory]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("qwen3", "qwen2")]
    public void Ids_of_tokenizer_json_equal_llama_cpps_tests_of_the_family(string folder, string vocabulary) =>
        Goldens.Check(Goldens.Folder("tokenizers", folder), Goldens.LlamaCpp(vocabulary));

    [DataTheory]
    [InlineData("llama3", "llama-bpe")]
    [InlineData("qwen3", "qwen2")]
    [InlineData("deepseek_v3", "deepseek-v3")]
    public void Named_pre_tokenizers_equal_the_patterns_of_tokenizer_json(string folder, string pre)
    {
        ITokenizer byName = TokenizerLoader.FromMetadata(AsMetadata(TestData.Path("tokenizers", folder, "tokenizer.json"), pre));

        Goldens.Check(byName, Goldens.Rows("tokenize-hf.jsonl", "tokenizer", folder), parseSpecial: true);
        ITokenizer byFile = Goldens.Folder("tokenizers", folder);
        foreach (string text in RandomText.Many(200, seed: 7, allPlanes: true))
            byName.Encode(text, addBos: false).Should().Equal(byFile.Encode(text, addBos: false), "of {0}", JsonEncodedText.Encode(text));
    }

    [DataTheory]
    [InlineData("gpt2")]
    [InlineData("r50k_base")]
    [InlineData("cl100k_base")]
    [InlineData("o200k_base")]
    public void Ids_of_tiktoken_encodings_equal_the_reference(string name) =>
        Goldens.Check(Goldens.Tiktoken(name), Goldens.Rows("tokenize-tiktoken.jsonl", "encoding", name));

    [DataTheory]
    [InlineData("stories260K.gguf")]
    [InlineData("stories260K-q8_0.gguf")]
    public void Both_formats_of_a_model_have_one_tokenizer(string file)
    {
        ITokenizer gguf = TokenizerLoader.FromMetadata(GgufVocabulary.Read(TestData.Path("models", file)));
        ITokenizer folder = Goldens.Folder("models", "stories260K-hf");

        gguf.VocabSize.Should().Be(folder.VocabSize).And.Be(512);
        (gguf.BosTokenId, gguf.AddsBos).Should().Be((1, true)).And.Be((folder.BosTokenId, folder.AddsBos));
        gguf.EndTokenIds.Should().Equal(folder.EndTokenIds).And.Equal(2);
        for (int id = 0; id < gguf.VocabSize; id++)
            gguf.TokenBytes(id).ToArray().Should().Equal(folder.TokenBytes(id).ToArray(), "of {0}", id);
        foreach (string text in RandomText.Many(300, seed: 3, allPlanes: true))
            gguf.Encode(text).Should().Equal(folder.Encode(text), "of {0}", JsonEncodedText.Encode(text));
        foreach (string story in File.ReadAllText(TestData.Path("corpora", "tinystories_sample.txt")).Split("<|endoftext|>"))
            gguf.Encode(story).Should().Equal(folder.Encode(story));
    }

    [DataFact]
    public void Beginnings_and_ends_come_from_the_files()
    {
        ITokenizer llama = Goldens.Folder("tokenizers", "llama3"), qwen = Goldens.Folder("tokenizers", "qwen3"), deepSeek = Goldens.Folder("tokenizers", "deepseek_v3");

        (llama.BosTokenId, llama.TokenText(128000)).Should().Be((128000, "<|begin_of_text|>"));
        llama.EndTokenIds.Should().StartWith(128001);
        (qwen.BosTokenId, qwen.AddsBos).Should().Be((null, false));
        qwen.EndTokenIds.Should().Equal(151645, 151643);
        (deepSeek.BosTokenId, deepSeek.AddsBos).Should().Be((0, true));
        deepSeek.EndTokenIds.Should().Contain(1);
        Goldens.Gguf("ggml-vocab-llama-spm.gguf").AddsBos.Should().BeTrue();
        Goldens.Gguf("ggml-vocab-gpt-2.gguf").AddsBos.Should().BeFalse();
    }

    [DataFact]
    public void Turn_markers_that_are_not_flagged_special_are_only_text_until_asked()
    {
        ITokenizer deepSeek = Goldens.Folder("tokenizers", "deepseek_v3");

        deepSeek.Encode("<｜User｜>", addBos: false).Should().HaveCountGreaterThan(1);
        deepSeek.Encode("<｜User｜>Hi", addBos: false, parseSpecial: true).Should().HaveCount(2);
        // but a tag that is a plain added token is always one
        Goldens.Folder("tokenizers", "qwen3").Encode("<think>").Should().Equal(151667);
    }

    /// <summary>What a converter to GGUF would write for a tokenizer.json.</summary>
    private static FakeMetadata AsMetadata(string path, string pre)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = document.RootElement, model = root.GetProperty("model");
        var tokens = new SortedDictionary<int, (string Text, long Type)>();
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject())
            tokens[entry.Value.GetInt32()] = (entry.Name, 1);
        foreach (JsonElement entry in root.GetProperty("added_tokens").EnumerateArray())
        {
            string content = entry.GetProperty("content").GetString()!;
            bool special = entry.GetProperty("special").GetBoolean() || AddedToken.LooksSpecial(content);
            tokens[entry.GetProperty("id").GetInt32()] = (content, special ? 3 : 4);
        }
        int count = tokens.Keys.Max() + 1;
        for (int id = 0; id < count; id++)
            tokens.TryAdd(id, ($"[PAD{id}]", 5));
        return new FakeMetadata
        {
            Values =
            {
                ["tokenizer.ggml.model"] = "gpt2",
                ["tokenizer.ggml.pre"] = pre,
                ["tokenizer.ggml.tokens"] = tokens.Values.Select(token => token.Text).ToArray(),
                ["tokenizer.ggml.token_type"] = tokens.Values.Select(token => token.Type).ToArray(),
                ["tokenizer.ggml.merges"] = model.GetProperty("merges").EnumerateArray()
                    .Select(merge => merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}").ToArray(),
            },
        };
    }
}
