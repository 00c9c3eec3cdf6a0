namespace Transformer.Core.Architectures;

/// <summary>One preset: what the config.json of that model says of its sizes.</summary>
internal sealed class Preset : IModelMetadata
{
    private readonly Dictionary<string, object> _values;

    public Preset(
        string name, string architecture, long vocabulary, long context, long hidden, long layers, long heads, long kvHeads, long headDim, long intermediate,
        params IEnumerable<(string Key, object Value)> more)
    {
        Name = name;
        Architecture = architecture;
        _values = new Dictionary<string, object>
        {
            ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = context,
            ["hidden_size"] = hidden,
            ["num_hidden_layers"] = layers,
            ["num_attention_heads"] = heads,
            ["num_key_value_heads"] = kvHeads,
            ["head_dim"] = headDim,
            ["intermediate_size"] = intermediate,
        };
        foreach ((string key, object value) in more)
            _values[key] = value;
    }

    public string Name { get; }

    public string Origin => $"preset {Name}";

    public string Architecture { get; }

    public IEnumerable<string> Keys => _values.Keys;

    public object? Find(string key) => _values.GetValueOrDefault(key);
}
