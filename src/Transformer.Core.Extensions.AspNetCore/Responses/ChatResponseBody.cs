using System.Text.Json.Serialization;

namespace Transformer.Core.Extensions.AspNetCore;

internal sealed record ChatResponseBody(string Id, long Created, string Model, IReadOnlyList<ChatChoice> Choices, UsageBody Usage)
{
    public string Object => "chat.completion";
}

internal sealed record ChatChoice(
    int Index,
    AnswerMessage Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    string FinishReason);

internal sealed record AnswerMessage(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Content,
    IReadOnlyList<ToolCallBody>? ToolCalls,
    string? ReasoningContent)
{
    public string Role => "assistant";

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Refusal => null;
}

/// <summary>A piece of a streamed answer.</summary>
internal sealed record ChatChunk(string Id, long Created, string Model, IReadOnlyList<ChunkChoice> Choices)
{
    public string Object => "chat.completion.chunk";

    public UsageBody? Usage { get; init; }
}

internal sealed record ChunkChoice(
    int Index,
    Delta Delta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ChatLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

internal sealed record Delta
{
    public string? Role { get; init; }

    public string? Content { get; init; }

    public string? ReasoningContent { get; init; }

    public IReadOnlyList<ToolCallBody>? ToolCalls { get; init; }
}

internal sealed record ToolCallBody(int? Index, string Id, CalledFunction Function)
{
    public string Type => "function";
}

internal sealed record CalledFunction(string Name, string Arguments);

internal sealed record ChatLogprobs(IReadOnlyList<ChatToken> Content)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Refusal => null;
}

internal sealed record ChatToken(string Token, double Logprob, int[] Bytes)
{
    public IReadOnlyList<ChatToken>? TopLogprobs { get; init; }
}
