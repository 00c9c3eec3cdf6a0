using System.Text.Json;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// A config.json as flat keys and values: <c>rope_scaling.factor</c> for a nested one, null and empty lists left out.
/// Knows the spellings under which older families and newer versions of transformers say the same thing.
/// </summary>
internal sealed class HuggingFaceConfig
{
    // GPT-2's, BLOOM's and GPT-NeoX's names (attribute_map of their configurations in transformers), and transformers 5,
    // which moved all of RoPE into rope_parameters, in Gemma 3 by kind of layer.
    private static readonly Dictionary<string, string[]> Aliases = new()
    {
        ["hidden_size"] = ["n_embd", "n_embed"],
        ["num_experts"] = ["num_local_experts", "n_routed_experts"],
        ["num_hidden_layers"] = ["n_layer"],
        ["num_attention_heads"] = ["n_head"],
        ["intermediate_size"] = ["n_inner"],
        ["max_position_embeddings"] = ["n_positions", "n_ctx", "seq_length"],
        ["layer_norm_eps"] = ["layer_norm_epsilon"],
        ["hidden_act"] = ["activation_function", "hidden_activation"],
        ["rope_theta"] = ["rope_parameters.rope_theta", "rope_parameters.full_attention.rope_theta", "rotary_emb_base"],
        ["num_experts_per_tok"] = ["experts_per_token"],
        ["rope_dim"] = ["qk_rope_head_dim"],
        ["rope_local_base_freq"] = ["rope_parameters.sliding_attention.rope_theta"],
        ["partial_rotary_factor"] = ["rope_parameters.partial_rotary_factor", "rotary_pct"],
        ["rope_scaling.original_max_position_embeddings"] = ["original_max_position_embeddings"],
        ["sliding_window_pattern"] = ["_sliding_window_pattern"],
        ["rope_scaling.type"] = ["rope_scaling.rope_type", "rope_parameters.rope_type", "rope_parameters.full_attention.rope_type"],
        ["rope_scaling.rope_type"] = ["rope_scaling.type"],
    };

    private readonly Dictionary<string, object> _values = [];

    private HuggingFaceConfig(JsonElement root) => Flatten("", root);

    /// <summary>Keys as the file has them, nested ones joined by dots.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFileException">It is missing or no JSON object.</exception>
    public static HuggingFaceConfig Read(string path) => JsonFile.Read(path, root => new HuggingFaceConfig(root));

    /// <summary>The value of a key in its own or another spelling, or null. Of a model that also sees, its text part is meant.</summary>
    public object? Find(string key)
    {
        foreach (string spelling in Spellings(key))
        {
            if (_values.TryGetValue(spelling, out object? value) || _values.TryGetValue("text_config." + spelling, out value))
                return value;
        }
        return null;
    }

    private static IEnumerable<string> Spellings(string key)
    {
        const string scaling = "rope_scaling.";
        IEnumerable<string> all = [key, .. Aliases.GetValueOrDefault(key) ?? []];
        return key.StartsWith(scaling, StringComparison.Ordinal)
            ? all.Concat([$"rope_parameters.{key[scaling.Length..]}", $"rope_parameters.full_attention.{key[scaling.Length..]}"])
            : all;
    }

    private void Flatten(string key, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                    Flatten(key.Length == 0 ? property.Name : $"{key}.{property.Name}", property.Value);
                break;
            case JsonValueKind.Array when Typed(element) is { } values:
                _values[key] = values;
                break;
            case JsonValueKind.Array:
                // Lists of objects, or of several kinds: each item under its number.
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                    Flatten($"{key}.{index++}", item);
                break;
            case JsonValueKind.Null:
                _values.Remove(key);
                break;
            default:
                _values[key] = Scalar(element);
                break;
        }
    }

    private static object Scalar(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString()!,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => element.TryGetInt64(out long integer) ? integer : (object)element.GetDouble(),
    };

    private static Array? Typed(JsonElement array)
    {
        List<JsonElement> items = [.. array.EnumerateArray()];
        if (items.Count == 0)
            return null;
        if (items.TrueForAll(item => item.ValueKind == JsonValueKind.String))
            return items.Select(item => item.GetString()!).ToArray();
        if (items.TrueForAll(item => item.ValueKind is JsonValueKind.True or JsonValueKind.False))
            return items.Select(item => item.GetBoolean()).ToArray();
        if (!items.TrueForAll(item => item.ValueKind == JsonValueKind.Number))
            return null;
        return items.TrueForAll(item => item.TryGetInt64(out _))
            ? items.Select(item => item.GetInt64()).ToArray()
            : items.Select(item => item.GetDouble()).ToArray();
    }
}
