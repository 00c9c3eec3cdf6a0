using System.Text.Encodings.Web;
using System.Text.Json;

namespace Transformer.Core.Tool.Output;

/// <summary>Writes a command's one JSON object.</summary>
internal static class JsonOutput
{
    // Written for terminals and programs, not into HTML: 国 stays 国.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an object to standard output, as UTF-8 whatever the console's encoding, and ends the line.</summary>
    /// <param name="writeProperties">Writes the properties.</param>
    public static void Write(Action<Utf8JsonWriter> writeProperties)
    {
        // Whole or not at all: an error on the way must not leave half an object behind.
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, Options))
        {
            json.WriteStartObject();
            writeProperties(json);
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        using Stream output = Console.OpenStandardOutput();
        buffer.WriteTo(output);
    }

    public static void WriteNumbers(this Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>A number, or null where it is none: JSON has no NaN and no infinity.</summary>
    public static void WriteFinite(this Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }

    /// <inheritdoc cref="WriteFinite(Utf8JsonWriter, string, double)"/>
    public static void WriteFiniteValue(this Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }
}
