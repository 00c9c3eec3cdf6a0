using System.Text.Json;

namespace Transformer.Core.Tokenization;

/// <summary>A JSON file whose shape nobody vouches for: whatever is wrong in it ends as <see cref="ModelFileException"/>.</summary>
internal sealed class TokenizerJson : IDisposable
{
    private readonly JsonDocument _document;

    private TokenizerJson(string path, JsonDocument document)
    {
        Path = path;
        _document = document;
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>The object that the file holds.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads a file that must be there.</summary>
    /// <exception cref="ModelFileException">It is missing, unreadable, or no JSON object.</exception>
    public static TokenizerJson Open(string path) =>
        OpenIfExists(path) ?? throw new ModelFileException(path, null, "a file", "none");

    /// <summary>Reads a file, or returns null if there is none.</summary>
    /// <exception cref="ModelFileException">It is unreadable, or no JSON object.</exception>
    public static TokenizerJson? OpenIfExists(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using FileStream stream = File.OpenRead(path);
            JsonDocument document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return new TokenizerJson(path, document);
            document.Dispose();
        }
        catch (Exception cause) when (cause is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, null, "a JSON object", cause.Message.TrimEnd('.'), cause);
        }
        throw new ModelFileException(path, null, "a JSON object", "something else");
    }

    /// <summary>Reads a property of an object; null where it is missing or JSON's null, or where the parent is no object.</summary>
    public static JsonElement? Find(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Reads a text; null where it is missing or no text.</summary>
    public static string? Text(JsonElement? parent, string name) =>
        Find(parent, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Reads a truth value; null where it is missing or neither true nor false.</summary>
    public static bool? Flag(JsonElement? parent, string name) =>
        Find(parent, name)?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    /// <summary>Reads the entries of a list; none where it is missing.</summary>
    /// <exception cref="ModelFileException">It is no list.</exception>
    public IEnumerable<JsonElement> Items(JsonElement? parent, string name) => Find(parent, name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        { } other => throw Wrong(name, "a list", other),
    };

    /// <summary>Reads an id.</summary>
    /// <exception cref="ModelFileException">It is no integer from 0 to 2^24 - 1 (more would only serve to exhaust memory).</exception>
    public int Id(JsonElement value, string subject) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and < 1 << 24 ? id : throw Wrong(subject, "an id from 0 to 16777215", value);

    /// <summary>The exception for a value that is not what it should be.</summary>
    public ModelFileException Wrong(string subject, string expected, JsonElement? found)
    {
        string text = found?.GetRawText() ?? "nothing";
        return new ModelFileException(Path, subject, expected, text.Length > 80 ? text[..80] + "..." : text);
    }

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
