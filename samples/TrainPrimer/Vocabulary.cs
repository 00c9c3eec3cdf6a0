using System.Text.Json;
using Transformer.Core;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights.Gguf;

namespace TrainPrimer;

/// <summary>A byte-level BPE vocabulary: what tokenizer.json holds, in the shape in which GGUF keeps it.</summary>
internal sealed class Vocabulary
{
    private const int Normal = 1;
    private const int Control = 3;

    private readonly string[] _tokens;
    private readonly int[] _types;
    private readonly string[] _merges;
    private readonly ITokenizer _tokenizer;

    private Vocabulary(JsonElement root, ITokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        JsonElement model = root.GetProperty("model");
        _merges = [.. model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!)];
        _tokens = new string[tokenizer.VocabSize];
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject())
            _tokens[entry.Value.GetInt32()] = entry.Name;
        _types = new int[_tokens.Length];
        Array.Fill(_types, Normal);
        foreach (JsonElement added in root.GetProperty("added_tokens").EnumerateArray())
        {
            _tokens[added.GetProperty("id").GetInt32()] = added.GetProperty("content").GetString()!;
            _types[added.GetProperty("id").GetInt32()] = Control;
        }
    }

    /// <summary>The vocabulary of a folder, or null if it has none.</summary>
    public static Vocabulary? Read(string folder)
    {
        string path = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(path))
            return null;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return new Vocabulary(document.RootElement, TokenizerLoader.FromHuggingFace(folder));
    }

    public void WriteTo(GgufWriter writer)
    {
        writer
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "gpt-2")
            .Set("tokenizer.ggml.tokens", _tokens)
            .Set("tokenizer.ggml.token_type", _types)
            .Set("tokenizer.ggml.merges", _merges);
        if (_tokenizer.BosTokenId is { } bos)
            writer.Set("tokenizer.ggml.bos_token_id", (uint)bos);
        if (_tokenizer.EndTokenIds is [int end, ..])
            writer.Set("tokenizer.ggml.eos_token_id", (uint)end);
        writer.Set("tokenizer.ggml.add_bos_token", _tokenizer.AddsBos);
    }
}
