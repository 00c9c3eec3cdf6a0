using System.Text.Json;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Jinja;

namespace Transformer.Core.Extensions.AI;

/// <summary>Messages and tools as templates know them: Hugging Face's dictionaries, after OpenAI's.</summary>
internal sealed class MessageMapping(Func<CallForm> callForm)
{
    // A role is one of these words and so no user's text: some templates build a special token around it.
    private static readonly string[] Roles = ["system", "developer", "user", "assistant", "tool"];

    private readonly Dictionary<string, string> _functionOfCall = new(StringComparer.Ordinal);

    /// <summary>A tool.</summary>
    public static JinjaMap Tool(AITool tool)
    {
        if (tool is not AIFunctionDeclaration function)
            throw new NotSupportedException($"Tools: {tool?.GetType().Name ?? "null"} '{tool?.Name}' is no function; only AIFunctionDeclaration and AIFunction are supported.");
        return new JinjaMap
        {
            ["type"] = MarkedText.Data("function"),
            ["function"] = new JinjaMap
            {
                ["name"] = MarkedText.Data(function.Name),
                ["description"] = MarkedText.Data(function.Description),
                ["parameters"] = JsonValues.Of(function.JsonSchema),
            },
        };
    }

    /// <summary>All messages.</summary>
    public JinjaList Messages(IEnumerable<ChatMessage> messages)
    {
        List<object?> mapped = [];
        int index = 0;
        foreach (ChatMessage? message in messages)
            mapped.AddRange(Message(message ?? throw new ArgumentException($"messages[{index}] is null.", nameof(messages)), index++));
        return mapped.Count > 0 ? new JinjaList(mapped) : throw new ArgumentException("messages: expected at least one message, found none.", nameof(messages));
    }

    private IEnumerable<JinjaMap> Message(ChatMessage message, int index)
    {
        string role = message.Role.Value.ToLowerInvariant();
        if (!Roles.Contains(role))
            throw new ArgumentException($"messages[{index}]: unknown role '{message.Role.Value}'; expected {string.Join(", ", Roles)}.", nameof(message));

        string text = "";
        string reasoning = "";
        List<FunctionCallContent> calls = [];
        List<FunctionResultContent> results = [];
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent part:
                    text += part.Text;
                    break;
                case TextReasoningContent part:
                    reasoning += part.Text;
                    break;
                case FunctionCallContent call when role == "assistant":
                    calls.Add(call);
                    break;
                case FunctionResultContent result when role == "tool":
                    results.Add(result);
                    break;
                case UsageContent:
                    break;
                default:
                    throw Unsupported(content, role, index);
            }
        }
        if (results.Count > 0)
        {
            if (text.Length > 0)
                throw new NotSupportedException($"messages[{index}]: a tool's message has results or text, not both.");
            return results.Select(Result);
        }
        JinjaMap map = new() { ["role"] = MarkedText.Template(role), ["content"] = MarkedText.Data(text) };
        if (reasoning.Length > 0 && role == "assistant")
        {
            // Qwen's and DeepSeek's name, and gpt-oss's
            map["reasoning_content"] = MarkedText.Data(reasoning);
            map["thinking"] = MarkedText.Data(reasoning);
        }
        if (calls.Count > 0)
            AddCalls(map, calls, text.Length == 0);
        return [map];
    }

    private void AddCalls(JinjaMap map, List<FunctionCallContent> calls, bool isEmpty)
    {
        CallForm form = callForm();
        if (isEmpty && form.ContentIsNone)
            map["content"] = null;
        map["tool_calls"] = new JinjaList([.. calls.Select(call =>
        {
            _functionOfCall[call.CallId] = call.Name;
            object? arguments = JsonValues.Of(call.Arguments ?? new Dictionary<string, object?>(), call.Name);
            if (form.ArgumentsAreText)
                arguments = JsonText.Apply(new Execution(ChatTemplateLimits.Default, TimeProvider.System), arguments, CallArguments.None);
            return (object?)new JinjaMap
            {
                ["id"] = MarkedText.Data(form.Id(call.CallId)),
                ["type"] = MarkedText.Data("function"),
                ["function"] = new JinjaMap { ["name"] = MarkedText.Data(call.Name), ["arguments"] = arguments },
            };
        })]);
    }

    private JinjaMap Result(FunctionResultContent result)
    {
        JinjaMap map = new()
        {
            ["role"] = MarkedText.Template("tool"),
            ["content"] = MarkedText.Data(TextOf(result)),
            ["tool_call_id"] = MarkedText.Data(callForm().Id(result.CallId)),
        };
        if (_functionOfCall.TryGetValue(result.CallId, out string? name))
            map["name"] = MarkedText.Data(name);
        return map;
    }

    private static string TextOf(FunctionResultContent result) => result.Result switch
    {
        null => result.Exception is { } exception ? $"Error: {exception.Message}" : "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } element => element.GetString()!,
        JsonElement element => element.GetRawText(),
        TextContent part => part.Text ?? "",
        object other => JsonSerializer.Serialize(other, AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(object))),
    };

    private static NotSupportedException Unsupported(AIContent content, string role, int index)
    {
        string kind = content switch
        {
            DataContent data => $"data of type {data.MediaType}",
            UriContent uri => $"a link of type {uri.MediaType}",
            _ => content.GetType().Name,
        };
        return new NotSupportedException($"messages[{index}]: {kind} is not supported in a message of the role {role}; models here read text.");
    }
}
