using System.Globalization;
using System.Text.Json;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>The fields of a JSON object, read by name, type and range; null counts as absent.</summary>
internal sealed class RequestFields
{
    private readonly JsonElement _object;
    private readonly string _path;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <param name="element">The object.</param>
    /// <param name="path">Where it is in the request; empty: it is all of it.</param>
    public RequestFields(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw path.Length == 0 ? RequestException.Invalid(null, $"The body has a wrong type: expected an object, but got {Kind(element)} instead.", "invalid_type") : RequestException.Type(path, "an object", Kind(element));
        _object = element;
        _path = path;
    }

    /// <summary>The name of a field in messages, such as <c>messages[0].role</c>.</summary>
    public string Path(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    public JsonElement? Find(string name)
    {
        _known.Add(name);
        return _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw RequestException.Type(Path(name), "a string", Kind(value)),
    };

    public string RequiredText(string name) => Text(name) ?? throw RequestException.Missing(Path(name));

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw RequestException.Type(Path(name), "a boolean", Kind(value)),
    };

    public double? Number(string name, double least, double most) => Find(name) is { } value ? Number(value, Path(name), least, most) : null;

    public static double Number(JsonElement value, string path, double least, double most)
    {
        if (value.ValueKind != JsonValueKind.Number)
            throw RequestException.Type(path, "a number", Kind(value));
        return value.TryGetDouble(out double number) && number >= least && number <= most ? number : throw OutOfRange(path, value, least, most);
    }

    public long? Integer(string name, long least, long most) => Find(name) is { } value ? Integer(value, Path(name), least, most) : null;

    public static long Integer(JsonElement value, string path, long least, long most)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double real) || (double.IsFinite(real) && real != Math.Floor(real)))
            throw RequestException.Type(path, "an integer", value.ValueKind == JsonValueKind.Number ? "a decimal" : Kind(value));
        return value.TryGetInt64(out long number) && number >= least && number <= most ? number : throw OutOfRange(path, value, least, most);
    }

    public RequestFields? Object(string name) => Find(name) is { } value ? new RequestFields(value, Path(name)) : null;

    /// <summary>The items of a list, each with its path.</summary>
    public List<(JsonElement Item, string Path)>? List(string name) => Find(name) is { } value
        ? value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select((item, i) => (item, $"{Path(name)}[{i}]"))] : throw RequestException.Type(Path(name), "an array", Kind(value))
        : null;

    /// <summary>A string or a list of strings.</summary>
    public List<string>? Texts(string name) => Find(name) is { ValueKind: JsonValueKind.String } one ? [one.GetString()!]
        : List(name)?.ConvertAll(item => item.Item.ValueKind == JsonValueKind.String ? item.Item.GetString()! : throw RequestException.Type(item.Path, "a string", Kind(item.Item)));

    /// <summary>Fields that change nothing of the answer.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            _known.Add(name);
    }

    /// <summary>Refuses a field unless its value asks for nothing.</summary>
    public void Refuse(string name, string why, params ReadOnlySpan<string> harmless)
    {
        if (Find(name) is { } value && !harmless.Contains(value.GetRawText()))
            throw RequestException.Unsupported(Path(name), why);
    }

    /// <summary>Refuses what nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (JsonProperty property in _object.EnumerateObject())
            if (!_known.Contains(property.Name))
                throw RequestException.Unknown(Path(property.Name));
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    private static RequestException OutOfRange(string path, JsonElement value, double least, double most)
    {
        string text = value.GetRawText();
        return RequestException.Invalid(path, string.Create(CultureInfo.InvariantCulture, $"Invalid value for '{path}': expected a value from {least} to {most}, but got {(text.Length > 40 ? text[..40] + "..." : text)} instead."), "out_of_range");
    }
}
