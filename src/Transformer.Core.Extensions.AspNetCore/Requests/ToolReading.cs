using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>.</summary>
internal static partial class ToolReading
{
    private static readonly JsonElement NoParameters = JsonDocument.Parse("""{"type":"object","properties":{}}""").RootElement;

    public static void Read(RequestFields fields, ChatOptions options)
    {
        List<(JsonElement Item, string Path)> tools = fields.List("tools") ?? [];
        options.Tools = [.. tools.Select(tool => Tool(new RequestFields(tool.Item, tool.Path)))];
        if (fields.Find("tool_choice") is not { } choice)
            return;
        if (tools.Count == 0)
            throw RequestException.Invalid("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
        options.ToolMode = choice.ValueKind == JsonValueKind.String
            ? choice.GetString() switch
            {
                "auto" => ChatToolMode.Auto,
                "none" => ChatToolMode.None,
                "required" => throw RequestException.UnsupportedValue("tool_choice", "'required': a call can be offered, not required; use 'auto' or 'none'."),
                string other => throw RequestException.Invalid("tool_choice", $"Invalid value: '{other}'. Supported values are: 'none' and 'auto'."),
                null => null,
            }
            : choice.ValueKind == JsonValueKind.Object
                ? throw RequestException.UnsupportedValue("tool_choice", "a named function: a call can be offered, not required; use 'auto' or 'none'.")
                : throw RequestException.Type("tool_choice", "a string or an object", RequestFields.Kind(choice));
    }

    public static void RequireFunction(RequestFields fields)
    {
        if (fields.RequiredText("type") is var type and not "function")
            throw RequestException.UnsupportedValue(fields.Path("type"), $"'{type}'; only 'function' is supported.");
    }

    private static AIFunctionDeclaration Tool(RequestFields fields)
    {
        RequireFunction(fields);
        RequestFields function = fields.Object("function") ?? throw RequestException.Missing(fields.Path("function"));
        fields.RefuseOthers();
        string name = function.RequiredText("name");
        if (!Name().IsMatch(name))
            throw RequestException.Invalid(function.Path("name"), $"Invalid '{function.Path("name")}': expected 1 to 64 letters, digits, _ and -.");
        function.Refuse("strict", "nothing here can hold a model to a schema.", "false");
        string? description = function.Text("description");
        JsonElement parameters = function.Find("parameters") ?? NoParameters;
        if (parameters.ValueKind != JsonValueKind.Object)
            throw RequestException.Type(function.Path("parameters"), "an object", RequestFields.Kind(parameters));
        function.RefuseOthers();
        return AIFunctionFactory.CreateDeclaration(name, description, parameters);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex Name();
}
