using System.Text.Json;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Reads a field that is a string, a list of strings, a list of tokens or a list of such lists.</summary>
internal static class TokenInput
{
    private const int MostTexts = 2048;

    /// <summary>The tokens of each text; null: the field is absent.</summary>
    public static List<int[]>? Read(RequestFields fields, string name, ITokenizer tokenizer, TransformerModel model)
    {
        if (fields.Find(name) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return [Check(tokenizer.Encode(value.GetString()!), name, model)];
        if (value.ValueKind != JsonValueKind.Array)
            throw RequestException.Type(name, "a string or an array", RequestFields.Kind(value));
        List<(JsonElement Item, string Path)> items = fields.List(name)!;
        if (items.Count == 0)
            throw RequestException.Invalid(name, $"Invalid '{name}': empty array. Expected at least one item.", "empty_array");
        if (items[0].Item.ValueKind == JsonValueKind.Number)
            return [Check(Tokens(items, model), name, model)];
        if (items.Count > MostTexts)
            throw RequestException.Invalid(name, $"Invalid '{name}': expected at most {MostTexts} items, but got {items.Count} instead.", "array_above_max_length");
        return items.ConvertAll(item => item.Item.ValueKind switch
        {
            JsonValueKind.String => Check(tokenizer.Encode(item.Item.GetString()!), item.Path, model),
            JsonValueKind.Array => Check(Tokens([.. item.Item.EnumerateArray().Select((token, i) => (token, $"{item.Path}[{i}]"))], model), item.Path, model),
            _ => throw RequestException.Type(item.Path, "a string or an array of tokens", RequestFields.Kind(item.Item)),
        });
    }

    private static int[] Tokens(List<(JsonElement Item, string Path)> items, TransformerModel model) =>
        [.. items.Select(item => (int)RequestFields.Integer(item.Item, item.Path, 0, model.VocabSize - 1))];

    private static int[] Check(int[] tokens, string path, TransformerModel model)
    {
        if (tokens.Length == 0)
            throw RequestException.Invalid(path, $"Invalid '{path}': expected at least one token, but got none.", "empty_string");
        if (tokens.Length > model.ContextLength)
            throw RequestException.Invalid(path, $"This model's maximum context length is {model.ContextLength} tokens. However, '{path}' has {tokens.Length} tokens.", "context_length_exceeded");
        return tokens;
    }
}
