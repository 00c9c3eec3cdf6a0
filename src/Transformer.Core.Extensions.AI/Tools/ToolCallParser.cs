using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>Reads the calls that a model wrote.</summary>
internal static partial class ToolCallParser
{
    /// <summary>The calls of a JSON text: one object, a list, or several in a row, with <c>name</c> and <c>arguments</c> or <c>parameters</c>; empty if it is no such text.</summary>
    public static List<FunctionCallContent> OfJson(string text)
    {
        List<FunctionCallContent> calls = [];
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int at = 0;
        while (true)
        {
            while (at < bytes.Length && (char.IsWhiteSpace((char)bytes[at]) || bytes[at] is (byte)';' or (byte)','))
                at++;
            if (at == bytes.Length)
                return calls;
            try
            {
                Utf8JsonReader reader = new(bytes.AsSpan(at));
                if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
                    return [];
                using (document)
                {
                    if (!AddCalls(document.RootElement, calls))
                        return [];
                }
                at += (int)reader.BytesConsumed;
            }
            catch (JsonException)
            {
                return [];
            }
        }
    }

    /// <summary>A call whose arguments are a text of JSON of their own.</summary>
    public static FunctionCallContent Of(string name, string arguments)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
            return Create(name, document.RootElement, null);
        }
        catch (JsonException wrong)
        {
            return new FunctionCallContent(CallIds.Create(), name) { Exception = wrong };
        }
    }

    /// <summary>Mistral's: a list, or <c>name[ARGS]{...}</c>.</summary>
    public static List<FunctionCallContent> OfMistral(string text)
    {
        if (OfJson(text) is { Count: > 0 } calls)
            return calls;
        List<FunctionCallContent> named = [];
        foreach (string piece in text.Split("[TOOL_CALLS]"))
        {
            int brace = piece.IndexOf('{', StringComparison.Ordinal);
            string name = MistralMark().Replace(brace < 0 ? piece : piece[..brace], "").Trim();
            if (!IsName(name) || brace < 0)
                return [];
            named.Add(Of(name, piece[brace..]));
        }
        return named;
    }

    /// <summary>DeepSeek's: between marks, <c>function｜sep｜name</c> and a block of JSON, or <c>name｜sep｜{...}</c>.</summary>
    public static List<FunctionCallContent> OfDeepSeek(string text)
    {
        List<FunctionCallContent> calls = [];
        foreach (string piece in text.Split("<｜tool▁call▁begin｜>").Skip(1))
        {
            string call = piece.Split("<｜tool▁call▁end｜>")[0];
            int mark = call.IndexOf("<｜tool▁sep｜>", StringComparison.Ordinal);
            if (mark < 0)
                return [];
            string before = call[..mark].Trim();
            string after = call[(mark + "<｜tool▁sep｜>".Length)..].Trim();
            int fence = after.IndexOf("```json", StringComparison.Ordinal);
            (string name, string arguments) = fence >= 0
                ? (after[..fence].Trim(), after[(fence + "```json".Length)..].Trim().TrimEnd('`').Trim())
                : (before, after);
            if (!IsName(name))
                return [];
            calls.Add(Of(name, arguments));
        }
        return calls;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 256 && !name.Any(char.IsWhiteSpace);

    private static bool AddCalls(JsonElement element, List<FunctionCallContent> calls)
    {
        if (element.ValueKind == JsonValueKind.Array)
            return element.GetArrayLength() > 0 && element.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object && AddCalls(item, calls));
        if (element.ValueKind != JsonValueKind.Object)
            return false;
        if (element.TryGetProperty("function", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object)
            element = inner;
        if (!element.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !IsName(name.GetString()!))
            return false;
        string? id = element.TryGetProperty("id", out JsonElement given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        JsonElement arguments = element.TryGetProperty("arguments", out JsonElement one) || element.TryGetProperty("parameters", out one) ? one : default;
        // some models write the arguments as a text of JSON
        calls.Add(arguments.ValueKind == JsonValueKind.String ? Of(name.GetString()!, arguments.GetString()!) : Create(name.GetString()!, arguments, id));
        return true;
    }

    private static FunctionCallContent Create(string name, JsonElement arguments, string? id)
    {
        string call = string.IsNullOrEmpty(id) ? CallIds.Create() : id;
        return arguments.ValueKind switch
        {
            JsonValueKind.Object => new FunctionCallContent(call, name, arguments.EnumerateObject().GroupBy(property => property.Name)
                .ToDictionary(group => group.Key, group => (object?)group.Last().Value.Clone())),
            JsonValueKind.Undefined or JsonValueKind.Null => new FunctionCallContent(call, name, new Dictionary<string, object?>()),
            _ => new FunctionCallContent(call, name) { Exception = new JsonException($"The arguments of '{name}' are no JSON object but {arguments.ValueKind}.") },
        };
    }

    [GeneratedRegex(@"\[CALL_ID\][^\[\]{}]*|\[ARGS\]")]
    private static partial Regex MistralMark();
}
