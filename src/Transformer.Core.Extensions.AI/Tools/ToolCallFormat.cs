namespace Transformer.Core.Extensions.AI;

/// <summary>How a family of models writes tool calls.</summary>
public enum ToolCallFormat
{
    /// <summary>Not at all, or in no known form: all that the model writes is text.</summary>
    None,

    /// <summary>Hermes and Qwen: <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>.</summary>
    Hermes,

    /// <summary>Llama 3.1 and later: the answer is <c>{"name": ..., "parameters": {...}}</c>, after <c>&lt;|python_tag|&gt;</c> or not.</summary>
    Llama,

    /// <summary>Mistral: <c>[TOOL_CALLS][{"name": ..., "arguments": {...}}]</c> or <c>[TOOL_CALLS]name[ARGS]{...}</c>.</summary>
    Mistral,

    /// <summary>DeepSeek V3, V3.1 and R1: between <c>&lt;｜tool▁call▁begin｜&gt;</c> and <c>&lt;｜tool▁call▁end｜&gt;</c>.</summary>
    DeepSeek,

    /// <summary>gpt-oss: messages with channels and recipients.</summary>
    Harmony,
}

/// <summary>Knows formats by their templates.</summary>
internal static class ToolCallFormats
{
    /// <summary>The format that a template's text speaks of.</summary>
    public static ToolCallFormat Find(string template) =>
        Has(template, "<|channel|>") && Has(template, "<|message|>") ? ToolCallFormat.Harmony
        : Has(template, "<｜tool▁call▁begin｜>") ? ToolCallFormat.DeepSeek
        : Has(template, "[TOOL_CALLS]") ? ToolCallFormat.Mistral
        : Has(template, "<tool_call>") && Has(template, "</tool_call>") ? ToolCallFormat.Hermes
        : Has(template, "tools") && (Has(template, "<|python_tag|>") || (Has(template, "<|start_header_id|>") && Has(template, "\"parameters\""))) ? ToolCallFormat.Llama
        : ToolCallFormat.None;

    private static bool Has(string template, string piece) => template.Contains(piece, StringComparison.Ordinal);
}
