using System.Text.Json;
using Transformer.Core.Parity.Support;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>A tokenizer.json written as a GGUF file without tensors, as a converter would.</summary>
internal static class VocabularyFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="json">The tokenizer.json.</param>
    /// <param name="model"><c>tokenizer.ggml.model</c>.</param>
    /// <param name="pre"><c>tokenizer.ggml.pre</c>; null: left out.</param>
    /// <param name="eos">The spelling of the token that ends a text.</param>
    /// <param name="bos">The spelling of the token that begins one; null: as <paramref name="eos"/>.</param>
    public static string Write(TemporaryFolder folder, string json, string model, string? pre, string eos, string? bos = null)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(json));
        JsonElement root = document.RootElement, merging = root.GetProperty("model");
        var tokens = new SortedDictionary<int, (string Text, int Type)>();
        foreach (JsonProperty entry in merging.GetProperty("vocab").EnumerateObject())
            tokens[entry.Value.GetInt32()] = (entry.Name, MetadataLoader.ByteValue(entry.Name) is null ? 1 : 6);
        foreach (JsonElement entry in root.GetProperty("added_tokens").EnumerateArray())
        {
            string content = entry.GetProperty("content").GetString()!;
            bool special = entry.GetProperty("special").GetBoolean() || AddedToken.LooksSpecial(content);
            tokens[entry.GetProperty("id").GetInt32()] = (content, special ? 3 : 4);
        }
        int count = tokens.Keys.Max() + 1;
        for (int id = 0; id < count; id++)
            tokens.TryAdd(id, ($"[PAD{id}]", 5));

        int IdOf(string text) => tokens.First(token => token.Value.Text == text).Key;
        GgufWriter writer = new GgufWriter()
            .Set("general.architecture", "llama")
            .Set("tokenizer.ggml.model", model)
            .Set("tokenizer.ggml.tokens", [.. tokens.Values.Select(token => token.Text)])
            .Set("tokenizer.ggml.token_type", (IReadOnlyList<int>)[.. tokens.Values.Select(token => token.Type)])
            .Set("tokenizer.ggml.eos_token_id", (uint)IdOf(eos))
            .Set("tokenizer.ggml.bos_token_id", (uint)IdOf(bos ?? eos))
            .Set("tokenizer.ggml.merges", [.. merging.GetProperty("merges").EnumerateArray().Select(Merge)]);
        if (pre is not null)
            writer.Set("tokenizer.ggml.pre", pre);
        string path = folder.File($"{model}-{pre}.gguf");
        writer.Save(path);
        return path;
    }

    private static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.String ? merge.GetString()! : $"{merge[0].GetString()} {merge[1].GetString()}";
}
