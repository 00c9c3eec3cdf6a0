using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Reads <c>messages</c>.</summary>
internal static class MessageReading
{
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    public static List<ChatMessage> Read(RequestFields fields)
    {
        List<(JsonElement Item, string Path)> items = fields.List("messages") ?? throw RequestException.Missing("messages");
        if (items.Count == 0)
            throw RequestException.Invalid("messages", "Invalid 'messages': empty array. Expected at least one message.", "empty_array");
        return items.ConvertAll(item => Message(new RequestFields(item.Item, item.Path)));
    }

    private static ChatMessage Message(RequestFields fields)
    {
        string role = fields.RequiredText("role");
        if (!Roles.Contains(role))
            throw RequestException.Invalid(fields.Path("role"), $"Invalid value: '{role}'. Supported values are: {string.Join(", ", Roles.Select(known => $"'{known}'"))}.");
        fields.Refuse("name", "chat templates have no place for names.");
        fields.Refuse("function_call", "it was replaced by 'tool_calls'.");
        fields.Refuse("audio", "models here read text.");
        List<AIContent> contents = [];
        if (role == "assistant")
        {
            if (fields.Text("reasoning_content") is { Length: > 0 } reasoning)
                contents.Add(new TextReasoningContent(reasoning));
            fields.Refuse("refusal", "models here do not mark refusals.", "\"\"");
        }
        string? text = Content(fields);
        if (role == "tool")
            contents.Add(new FunctionResultContent(fields.RequiredText("tool_call_id"), text ?? throw RequestException.Missing(fields.Path("content"))));
        else if (text is not null)
            contents.Add(new TextContent(text));
        if (role == "assistant")
            contents.AddRange((fields.List("tool_calls") ?? []).Select(call => Call(new RequestFields(call.Item, call.Path))));
        if (contents.Count == 0)
            throw RequestException.Missing(fields.Path("content"));
        fields.RefuseOthers();
        return new ChatMessage(new ChatRole(role), contents);
    }

    private static string? Content(RequestFields fields)
    {
        if (fields.Find("content") is not { } content)
            return null;
        if (content.ValueKind == JsonValueKind.String)
            return content.GetString();
        if (content.ValueKind != JsonValueKind.Array)
            throw RequestException.Type(fields.Path("content"), "a string or an array", RequestFields.Kind(content));
        string text = "";
        foreach ((JsonElement item, string path) in fields.List("content")!)
        {
            RequestFields part = new(item, path);
            string type = part.RequiredText("type");
            if (type != "text")
                throw RequestException.UnsupportedValue(part.Path("type"), $"'{type}'; models here read text only.");
            text += part.RequiredText("text");
            part.RefuseOthers();
        }
        return text;
    }

    private static FunctionCallContent Call(RequestFields fields)
    {
        string id = fields.RequiredText("id");
        ToolReading.RequireFunction(fields);
        RequestFields function = fields.Object("function") ?? throw RequestException.Missing(fields.Path("function"));
        string name = function.RequiredText("name"), arguments = function.RequiredText("arguments");
        function.RefuseOthers();
        fields.Ignore("index");
        fields.RefuseOthers();
        try
        {
            // not disposed: the arguments are parts of it
            JsonDocument document = JsonDocument.Parse(arguments.Length == 0 ? "{}" : arguments);
            _ = new RequestFields(document.RootElement, function.Path("arguments"));
            return new FunctionCallContent(id, name, document.RootElement.EnumerateObject().GroupBy(entry => entry.Name).ToDictionary(group => group.Key, group => (object?)group.Last().Value));
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new RequestException(400, $"Invalid value for '{function.Path("arguments")}': expected a text of a JSON object.", function.Path("arguments"), "invalid_value", wrong);
        }
    }
}
