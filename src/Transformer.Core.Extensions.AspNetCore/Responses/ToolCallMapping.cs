using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Tool calls in OpenAI's form: the arguments are a text of JSON.</summary>
internal static class ToolCallMapping
{
    /// <param name="call">The call.</param>
    /// <param name="index">Which of the answer's calls it is; null in an answer that is not streamed.</param>
    public static ToolCallBody Of(FunctionCallContent call, int? index) => new(index, call.CallId, new CalledFunction(call.Name, Arguments(call)));

    // a call that could not be read has none
    private static string Arguments(FunctionCallContent call)
    {
        if (call.Arguments is null)
            return "";
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in call.Arguments)
            {
                writer.WritePropertyName(name);
                if (value is JsonElement element)
                    element.WriteTo(writer);
                else
                    JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object)));
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
