using System.Collections.Concurrent;
using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

/// <summary>Reference ids, and the tokenizers they belong to (loaded once: they are large).</summary>
internal static class Goldens
{
    private static readonly ConcurrentDictionary<string, Lazy<ITokenizer>> Loaded = [];

    public static ITokenizer Gguf(string file) =>
        Get(file, () => TokenizerLoader.FromMetadata(GgufVocabulary.Read(TestData.Path("golden", "vocab", file))));

    public static ITokenizer Folder(params string[] parts) =>
        Get(Path.Combine(parts), () => TokenizerLoader.FromHuggingFace(TestData.Path(parts)));

    public static ITokenizer Tiktoken(string name) => Get(name, () => TokenizerLoader.FromTiktoken(name));

    /// <summary>Rows of a golden file whose property has a value, as text and ids.</summary>
    public static List<(string Text, int[] Ids)> Rows(string file, string property, string value)
    {
        var rows = new List<(string Text, int[] Ids)>();
        foreach (string line in File.ReadLines(TestData.Path("golden", file)))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            if (row.RootElement.GetProperty(property).GetString() == value && row.RootElement.TryGetProperty("text", out JsonElement text))
                rows.Add((text.GetString()!, [.. row.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())]));
        }
        rows.Should().NotBeEmpty();
        return rows;
    }

    /// <summary>llama.cpp's own test texts of a vocabulary with their ids.</summary>
    public static List<(string Text, int[] Ids)> LlamaCpp(string vocabulary)
    {
        string file = TestData.Path("golden", "vocab", $"ggml-vocab-{vocabulary}.gguf");
        string[] texts = File.ReadAllText(file + ".inp").Split("\n__ggml_vocab_test__\n");
        string[] ids = File.ReadAllText(file + ".out").Split('\n');
        return [.. texts.Zip(ids, (text, line) => (text, line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray()))];
    }

    /// <summary>Fails with every text whose ids differ; checks the way back as well.</summary>
    public static void Check(ITokenizer tokenizer, List<(string Text, int[] Ids)> rows, bool parseSpecial = false)
    {
        var wrong = new List<string>();
        foreach ((string text, int[] ids) in rows)
        {
            int[] found = tokenizer.Encode(text, addBos: false, parseSpecial);
            bool hasSpecial = found.Any(id => tokenizer.TokenBytes(id).IsEmpty);
            if (!found.SequenceEqual(ids))
                wrong.Add($"{JsonEncodedText.Encode(text)}: expected [{string.Join(' ', ids)}], found [{string.Join(' ', found)}]");
            else if (!hasSpecial && tokenizer.Decode(found) != text)
                wrong.Add($"{JsonEncodedText.Encode(text)}: decoded to {JsonEncodedText.Encode(tokenizer.Decode(found))}");
        }
        wrong.Should().BeEmpty("all {0} texts have the reference's ids", rows.Count);
    }

    private static ITokenizer Get(string key, Func<ITokenizer> load) => Loaded.GetOrAdd(key, _ => new Lazy<ITokenizer>(load)).Value;
}
