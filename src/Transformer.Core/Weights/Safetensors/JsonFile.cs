using System.Text.Json;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>Reads a small JSON file of a model folder.</summary>
internal static class JsonFile
{
    // The index of a model of a trillion parameters has some ten megabytes.
    private const long Largest = 100_000_000;

    /// <summary>Parses a file whose top is an object, and hands it to <paramref name="read"/>.</summary>
    /// <exception cref="ModelFileException">It is missing, too large, or no such JSON.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        MappedFile file = MappedFile.Open(path);
        if (file.Length > Largest)
            throw new ModelFileException(path, null, $"at most {Largest} bytes", $"{file.Length}");
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        ReadOnlyMemory<byte> json = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw new ModelFileException(path, null, "a JSON object", $"a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with half a surrogate pair.
            throw new ModelFileException(path, null, "JSON", broken.Message.TrimEnd('.'), broken);
        }
    }
}
