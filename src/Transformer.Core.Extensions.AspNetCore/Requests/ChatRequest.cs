using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>What a chat request asks for, checked.</summary>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Everything but the sampling.</param>
/// <param name="Generation">The sampling.</param>
/// <param name="Count">How many answers.</param>
/// <param name="Stream">Whether they are streamed.</param>
/// <param name="IncludeUsage">Whether the stream's usage comes last.</param>
internal sealed record ChatRequest(List<ChatMessage> Messages, ChatOptions Options, GenerationOptions Generation, int Count, bool Stream, bool IncludeUsage)
{
    private const int MostAlternatives = 20;

    public static ChatRequest Read(RequestFields fields, ServedModel model)
    {
        List<ChatMessage> messages = MessageReading.Read(fields);
        GenerationOptions generation = SamplingFields.Read(fields, model, model.Options.Defaults?.MaxTokens ?? model.Model.ContextLength);
        bool logprobs = fields.Flag("logprobs") ?? false;
        int top = (int?)fields.Integer("top_logprobs", 0, MostAlternatives) ?? 0;
        if (top > 0 && !logprobs)
            throw RequestException.Invalid("top_logprobs", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.");
        generation = generation with { Logprobs = logprobs, TopLogprobs = Math.Min(top, model.Model.VocabSize) };

        ChatOptions options = new() { AllowMultipleToolCalls = fields.Flag("parallel_tool_calls") };
        ToolReading.Read(fields, options);
        options.Reasoning = fields.Text("reasoning_effort") is { } effort ? new ReasoningOptions { Effort = Effort(effort) } : null;
        if (fields.Object("response_format") is { } format && format.RequiredText("type") is var type and not "text")
            throw RequestException.UnsupportedValue("response_format", $"'{type}': nothing here can hold a model to JSON; only 'text' is supported.");
        if (fields.List("modalities") is { } modalities && modalities.Exists(modality => modality.Item.ValueKind != JsonValueKind.String || modality.Item.GetString() != "text"))
            throw RequestException.UnsupportedValue("modalities", "only 'text' is supported.");
        fields.Refuse("audio", "models here write text.");
        fields.Refuse("functions", "it was replaced by 'tools'.");
        fields.Refuse("function_call", "it was replaced by 'tool_choice'.");
        fields.Refuse("prediction", "predicted outputs are not supported.");
        fields.Refuse("web_search_options", "nothing here searches the web.");
        fields.Refuse("store", "nothing is stored here.", "false");
        fields.Refuse("verbosity", "the model has no such setting.", "\"medium\"");
        fields.Ignore("user", "metadata", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");
        (int count, (bool stream, bool usage)) = (SamplingFields.Count(fields), SamplingFields.Streaming(fields));
        fields.RefuseOthers();
        return new ChatRequest(messages, options, generation, count, stream, usage);
    }

    /// <summary>The options of one of the answers.</summary>
    public ChatOptions Of(int index)
    {
        ChatOptions options = Options.Clone();
        options.RawRepresentationFactory = _ => Generation.Of(index);
        return options;
    }

    private static ReasoningEffort Effort(string text) => text switch
    {
        "none" => ReasoningEffort.None,
        "low" => ReasoningEffort.Low,
        "medium" => ReasoningEffort.Medium,
        "high" => ReasoningEffort.High,
        "xhigh" => ReasoningEffort.ExtraHigh,
        _ => throw RequestException.UnsupportedValue("reasoning_effort", $"'{text}'; expected none, low, medium, high or xhigh."),
    };
}
