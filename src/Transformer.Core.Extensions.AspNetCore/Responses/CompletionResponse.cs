using System.Text.Json.Serialization;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>A completion, or a piece of one: both have the same form.</summary>
internal sealed record CompletionResponse(string Id, long Created, string Model, IReadOnlyList<CompletionChoice> Choices)
{
    public string Object => "text_completion";

    public UsageBody? Usage { get; init; }
}

internal sealed record CompletionChoice(
    int Index,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] CompletionLogprobs? Logprobs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? FinishReason);

/// <summary>Lists with an entry for each token.</summary>
internal sealed record CompletionLogprobs(List<string> Tokens, List<double> TokenLogprobs, List<Dictionary<string, double>> TopLogprobs, List<int> TextOffset);
