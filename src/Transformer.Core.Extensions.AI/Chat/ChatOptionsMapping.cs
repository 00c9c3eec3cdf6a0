using System.Globalization;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>Turns <see cref="ChatOptions"/> into a <see cref="ChatRequest"/>: each value is honoured or refused by name.</summary>
internal static class ChatOptionsMapping
{
    /// <summary>Maps the options of a call.</summary>
    /// <param name="client">Given to <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="options">The options; null: none.</param>
    /// <param name="defaults">What holds where they are silent.</param>
    /// <param name="modelId">The model's name.</param>
    /// <param name="template">The template, whose variables some options become.</param>
    /// <exception cref="NotSupportedException">An option cannot be honoured; the message names it.</exception>
    /// <exception cref="ArgumentException">An option has a value that cannot be; the message names it.</exception>
    public static ChatRequest Map(IChatClient client, ChatOptions? options, GenerationOptions defaults, string modelId, ChatTemplate template)
    {
        options ??= new ChatOptions();
        Refuse(options, modelId);
        Dictionary<string, object?> variables = new(StringComparer.Ordinal);
        GenerationOptions generation = options.RawRepresentationFactory?.Invoke(client) switch
        {
            null => defaults,
            GenerationOptions own => own,
            object other => throw new ArgumentException($"RawRepresentationFactory: expected {nameof(GenerationOptions)}, found {other.GetType()}.", nameof(options)),
        };
        foreach ((string name, object? value) in options.AdditionalProperties ?? [])
            generation = NamedOptions.Apply(generation, name, value, variables);
        generation = generation with
        {
            MaxTokens = options.MaxOutputTokens is { } most
                ? most > 0 ? most : throw new ArgumentOutOfRangeException(nameof(options), most, $"MaxOutputTokens: expected at least 1, found {most}.")
                : generation.MaxTokens,
            Temperature = Number(options.Temperature) ?? generation.Temperature,
            TopP = Number(options.TopP) ?? generation.TopP,
            TopK = options.TopK ?? generation.TopK,
            FrequencyPenalty = Number(options.FrequencyPenalty) ?? generation.FrequencyPenalty,
            PresencePenalty = Number(options.PresencePenalty) ?? generation.PresencePenalty,
            Seed = options.Seed is { } seed ? unchecked((int)(seed ^ (seed >> 32))) : generation.Seed,
        };

        List<string> stops = [.. generation.StopStrings, .. options.StopSequences ?? []];
        if (stops.Any(string.IsNullOrEmpty))
            throw new ArgumentException("StopSequences: expected non-empty strings, found an empty one.", nameof(options));
        bool showsReasoning = Reason(options.Reasoning, template, variables);
        return new ChatRequest(generation with { StopStrings = [] }, stops, Tools(options, template), variables, options.AllowMultipleToolCalls == false, showsReasoning);
    }

    private static void Refuse(ChatOptions options, string modelId)
    {
        if (options.ConversationId is not null)
            throw new NotSupportedException("ConversationId: this client keeps no conversations; send all messages each time (what is unchanged is not computed again).");
        if (options.ModelId is not null && options.ModelId != modelId)
            throw new NotSupportedException($"ModelId: this client serves '{modelId}' only, found '{options.ModelId}'.");
        if (options.ResponseFormat is not (null or ChatResponseFormatText))
            throw new NotSupportedException("ResponseFormat: only text is supported; nothing here can hold a model to JSON.");
        if (options.ContinuationToken is not null)
            throw new NotSupportedException("ContinuationToken: answers cannot be resumed.");
        if (options.AllowBackgroundResponses == true)
            throw new NotSupportedException("AllowBackgroundResponses: answers do not go on in the background.");
    }

    private static IReadOnlyList<AITool> Tools(ChatOptions options, ChatTemplate template)
    {
        if (options.ToolMode is RequiredChatToolMode required)
            throw new NotSupportedException($"ToolMode: a call cannot be required ({required.RequiredFunctionName ?? "any"}), only offered; use Auto or None.");
        if (options.ToolMode is NoneChatToolMode || options.Tools is not { Count: > 0 } tools)
            return [];
        if (!template.HasTools)
            throw new NotSupportedException("Tools: this model's chat template does not show tools to the model.");
        return [.. tools];
    }

    // true: reasoning is shown
    private static bool Reason(ReasoningOptions? reasoning, ChatTemplate template, Dictionary<string, object?> variables)
    {
        if (reasoning?.Output is ReasoningOutput.Summary)
            throw new NotSupportedException("Reasoning.Output: there are no summaries, only all of the reasoning (Full) or none of it (None).");
        if (reasoning?.Effort is { } effort)
        {
            bool known = false;
            if (template.Source.Contains("enable_thinking", StringComparison.Ordinal))
                known = variables.TryAdd("enable_thinking", effort != ReasoningEffort.None);
            if (template.Source.Contains("reasoning_effort", StringComparison.Ordinal) && effort is ReasoningEffort.Low or ReasoningEffort.Medium or ReasoningEffort.High)
                known = variables.TryAdd("reasoning_effort", effort.ToString().ToLowerInvariant());
            if (!known)
                throw new NotSupportedException($"Reasoning.Effort: this model's chat template has no setting for {effort}.");
        }
        return reasoning?.Output is not ReasoningOutput.None;
    }

    // the shortest decimal of a float is what the caller wrote: 0.7 and not 0.699999988
    private static double? Number(float? value) => value is not { } number ? null
        : float.IsFinite(number) ? double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : number;
}
