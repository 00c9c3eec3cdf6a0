namespace Transformer.Core;

/// <summary>
/// A small copy of a checkpoint's metadata, which a model keeps after its file's lists are let go: scalars, texts and
/// short lists. Files may lie, so the size of each value and of all together is bounded.
/// </summary>
internal sealed class MetadataSnapshot : IModelMetadata
{
    /// <summary>Longest list that is kept; vocabularies, scores and merges are longer.</summary>
    public const int LongestList = 256;

    /// <summary>Most characters of one text; the longest chat templates have some twenty thousand.</summary>
    public const int LongestText = 1 << 20;

    private const int MostKeys = 4096;
    private const int MostCharacters = 4 << 20;

    // Sizes under their canonical names, which readers work out from a file's own keys.
    private static readonly string[] CanonicalKeys =
    [
        "model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
        "vocab_size", "max_position_embeddings", "rope_theta", "sliding_window", "tie_word_embeddings", "bos_token_id", "eos_token_id",
    ];

    private readonly Dictionary<string, object> _values = [];
    private readonly Dictionary<string, object> _canonical = [];
    private int _characters;

    /// <summary>Copies what is small.</summary>
    /// <param name="source">What a file says.</param>
    /// <param name="more">Further keys and values, from files beside it; they do not replace the file's own.</param>
    public MetadataSnapshot(IModelMetadata source, IEnumerable<(string Key, object Value)> more)
    {
        Origin = source.Origin;
        Architecture = source.Architecture;

        // What stands beside the configuration (chat templates) comes first: long configurations must not crowd it out.
        foreach ((string key, object value) in more)
            Keep(_values, key, value);
        foreach (string key in source.Keys)
            Keep(_values, key, source.Find(key));
        foreach (string key in CanonicalKeys)
            Keep(_canonical, key, source.Find(key));
    }

    /// <inheritdoc/>
    public string Origin { get; }

    /// <inheritdoc/>
    public string Architecture { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public object? Find(string key) => _values.GetValueOrDefault(key) ?? _canonical.GetValueOrDefault(key);

    private void Keep(Dictionary<string, object> values, string key, object? value)
    {
        int characters = value switch
        {
            null => int.MaxValue,
            string text => text.Length > LongestText ? int.MaxValue : text.Length,
            Array { Length: > LongestList } => int.MaxValue,
            string[] texts => (int)Math.Min(texts.Sum(text => (long)text.Length), int.MaxValue),
            Array list => 8 * list.Length,
            _ => 8,
        };
        if (characters <= MostCharacters - _characters - key.Length && values.Count < MostKeys && values.TryAdd(key, value!))
            _characters += characters + key.Length;
    }
}
