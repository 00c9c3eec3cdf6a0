using System.Text.Json;
using Transformer.Core.Parity.Support;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Parity.Families;

/// <summary>A test model of one family: what both kinds of files say about it, and its tensors.</summary>
/// <param name="Name">What it is called here: the family, and what is special.</param>
/// <param name="Architecture"><c>general.architecture</c>.</param>
/// <param name="Sizes">Its sizes.</param>
internal sealed record Family(string Name, string Architecture, Sizes Sizes)
{
    /// <summary>What it has that others have not, for docs/models.md.</summary>
    public required string About { get; init; }

    /// <summary><c>model_type</c> of config.json; null: as the architecture.</summary>
    public string? ModelType { get; init; }

    /// <summary>GGUF keys beyond the sizes, without the architecture in front.</summary>
    public Dictionary<string, object> Gguf { get; init; } = [];

    /// <summary>Keys of config.json beyond the sizes; null takes one of those out.</summary>
    public Dictionary<string, object?> Config { get; init; } = [];

    /// <summary>All tensors.</summary>
    public required IEnumerable<Weight> Weights { get; init; }

    /// <summary>Positions that both engines are asked for; null: those of the file.</summary>
    public int? Context { get; init; }

    /// <summary>True where the feed-forward has GELU, which ggml rounds (<see cref="LlamaCpp.GgmlGelu"/>).</summary>
    public bool Gelu { get; init; }

    /// <summary>True where safetensors has a language model beside a vision model: nested sizes, longer names, other tensors.</summary>
    public bool TextPart { get; init; }

    /// <summary>False where llama.cpp reads the file differently from how the model was trained; the reason stands in the table.</summary>
    public bool InLlamaCpp { get; init; } = true;

    /// <summary>Writes it as GGUF, such as llama.cpp loads: no vocabulary, only its size.</summary>
    public string WriteGguf(TemporaryFolder folder)
    {
        GgufWriter writer = new GgufWriter()
            .Set("general.architecture", Architecture)
            .Set("tokenizer.ggml.model", "no_vocab");
        Dictionary<string, object> keys = new()
        {
            ["vocab_size"] = Sizes.Vocabulary,
            ["context_length"] = Sizes.Context,
            ["embedding_length"] = Sizes.Hidden,
            ["block_count"] = Sizes.Layers,
            ["feed_forward_length"] = Sizes.FeedForward,
            ["attention.head_count"] = Sizes.Heads,
            ["attention.head_count_kv"] = Sizes.KvHeads,
        };
        foreach ((string key, object value) in Gguf)
            keys[key] = value;
        foreach ((string key, object value) in keys)
        {
            string name = $"{Architecture}.{key}";
            _ = value switch
            {
                int number => writer.Set(name, (uint)number),
                double number => writer.Set(name, (float)number),
                bool flag => writer.Set(name, flag),
                string text => writer.Set(name, text),
                int[] numbers => writer.Set(name, numbers),
                bool[] flags => writer.Set(name, flags),
                _ => throw new InvalidOperationException($"{key}: {value}"),
            };
        }
        foreach (Weight weight in AllWeights().Where(weight => weight.InGguf))
            writer.Add(weight.Gguf, new TensorShape(weight.Rows, weight.Columns, weight.Experts), weight.Format, weight.Values());
        string path = folder.File($"{Name}.gguf");
        writer.Save(path);
        return path;
    }

    /// <summary>Writes it as config.json and model.safetensors.</summary>
    public string WriteFolder(TemporaryFolder folder)
    {
        Dictionary<string, object?> config = new()
        {
            ["model_type"] = ModelType ?? Architecture,
            ["vocab_size"] = Sizes.Vocabulary,
            ["max_position_embeddings"] = Sizes.Context,
            ["hidden_size"] = Sizes.Hidden,
            ["num_hidden_layers"] = Sizes.Layers,
            ["intermediate_size"] = Sizes.FeedForward,
            ["num_attention_heads"] = Sizes.Heads,
            ["num_key_value_heads"] = Sizes.KvHeads,
        };
        foreach ((string key, object? value) in Config)
        {
            config[key] = value;
            if (value is null)
                config.Remove(key);
        }
        object root = TextPart ? new { model_type = ModelType ?? Architecture, text_config = config } : config;
        File.WriteAllText(folder.File("config.json"), JsonSerializer.Serialize(root));

        SafetensorsWriter writer = new();
        if (TextPart)
            writer.Add("vision_tower.vision_model.embeddings.patch_embedding.bias", [4], [1, 2, 3, 4]);
        foreach ((string name, int[] shape, float[] values) in AllWeights().SelectMany(weight => weight.Stored()))
            writer.Add((TextPart ? "language_model." : "") + name, shape, values);
        writer.Save(folder.File("model.safetensors"));
        return folder.Path;
    }

    public override string ToString() => Name;

    private IEnumerable<Weight> AllWeights() => Weights.SelectMany(weight =>
        weight.Gguf.Contains("{}", StringComparison.Ordinal) ? Enumerable.Range(0, Sizes.Layers).Where(layer => layer >= weight.FirstLayer && layer < weight.EndLayer).Select(weight.InLayer) : [weight]);
}
