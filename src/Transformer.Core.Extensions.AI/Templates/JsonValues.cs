using System.Text.Json;
using System.Text.Json.Nodes;
using Transformer.Core.Extensions.AI.Jinja;

namespace Transformer.Core.Extensions.AI;

/// <summary>JSON as a template's values. All of it is data: none of its text may spell a special token.</summary>
internal static class JsonValues
{
    /// <summary>A value and everything in it.</summary>
    public static object? Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => Map(element.EnumerateObject().Select(property => (property.Name, Of(property.Value)))),
        JsonValueKind.Array => new JinjaList([.. element.EnumerateArray().Select(Of)]),
        JsonValueKind.String => MarkedText.Data(element.GetString()!),
        JsonValueKind.Number => element.TryGetInt64(out long whole) && element.GetRawText().AsSpan().IndexOfAny(".eE") < 0 ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>
    /// A variable or argument as callers have them: JSON, strings, numbers, booleans, dictionaries and lists of such.
    /// </summary>
    /// <exception cref="ArgumentException">It is something else; the message names it.</exception>
    public static object? Of(object? value, string name) => value switch
    {
        null or bool or long or double or MarkedText => value,
        string text => MarkedText.Data(text),
        int or short or byte or sbyte or ushort or uint => Convert.ToInt64(value),
        float number => (double)number,
        decimal number => (double)number,
        JsonElement element => Of(element),
        JsonDocument document => Of(document.RootElement),
        JsonNode node => Of(JsonDocument.Parse(node.ToJsonString()).RootElement),
        Enum choice => MarkedText.Data(choice.ToString()),
        Guid or Uri => MarkedText.Data(value.ToString()!),
        DateTime or DateTimeOffset => MarkedText.Data(((IFormattable)value).ToString("O", System.Globalization.CultureInfo.InvariantCulture)),
        IEnumerable<KeyValuePair<string, object?>> entries => Map(entries.Select(entry => (entry.Key, Of(entry.Value, $"{name}.{entry.Key}")))),
        System.Collections.IEnumerable items => new JinjaList([.. items.Cast<object?>().Select(item => Of(item, name))]),
        _ => throw new ArgumentException($"{name}: a value of type {value.GetType()} cannot be given to a chat template; use JSON, strings, numbers, booleans, dictionaries and lists.", name),
    };

    private static JinjaMap Map(IEnumerable<(string Name, object? Value)> entries)
    {
        JinjaMap map = new();
        foreach ((string name, object? value) in entries)
            map[name] = value;
        return map;
    }
}
