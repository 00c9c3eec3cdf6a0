using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>A part of an answer that is no plain text.</summary>
/// <param name="Begin">What opens it.</param>
/// <param name="End">What closes it; null: the end of the answer.</param>
/// <param name="Parse">Reads the calls in it; null: it is reasoning.</param>
/// <param name="OnlyFirst">Whether it counts only where nothing but white space came before.</param>
/// <param name="KeepsBegin">Whether <paramref name="Begin"/> belongs to what is parsed.</param>
internal sealed record Region(string Begin, string? End, Func<string, List<FunctionCallContent>>? Parse = null, bool OnlyFirst = false, bool KeepsBegin = false)
{
    private const string CallsBegin = "<｜tool▁calls▁begin｜>", CallsEnd = "<｜tool▁calls▁end｜>";

    /// <summary>Reasoning, as Qwen 3, DeepSeek R1 and many others write it.</summary>
    public static Region Think { get; } = new("<think>", "</think>");

    /// <summary>The regions of a format's tool calls.</summary>
    public static IEnumerable<Region> Of(ToolCallFormat format) => format switch
    {
        ToolCallFormat.Hermes => [new Region("<tool_call>", "</tool_call>", ToolCallParser.OfJson)],
        ToolCallFormat.Llama => [new Region("<|python_tag|>", null, ToolCallParser.OfJson), new Region("{", null, ToolCallParser.OfJson, OnlyFirst: true, KeepsBegin: true)],
        ToolCallFormat.Mistral => [new Region("[TOOL_CALLS]", null, ToolCallParser.OfMistral)],
        ToolCallFormat.DeepSeek => [new Region(CallsBegin, CallsEnd, ToolCallParser.OfDeepSeek)],
        _ => [],
    };
}
