using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>A model as <see cref="IChatClient"/>. Thread-safe: each call has a session of its own.</summary>
/// <remarks>
/// The client keeps no conversations: callers send all messages each time, and a session that has computed the beginning of
/// them already goes on from there. Text of messages never becomes a special token. docs/chat.md has the table of options.
/// </remarks>
public sealed class TransformerChatClient : IChatClient
{
    /// <summary>The key under which <c>AdditionalProperties</c> of updates and responses have a list of <see cref="TokenLogprobs"/>, where they were asked for.</summary>
    public const string LogprobsKey = "logprobs";

    private readonly TransformerChatClientOptions _options;
    private readonly ChatTemplate _template;
    private readonly TextGenerator _generator;
    private readonly SessionPool _sessions;
    private readonly ChatClientMetadata _metadata;
    private readonly GenerationOptions _defaults;
    private readonly TimeProvider _time;

    /// <summary>A client of a model.</summary>
    /// <param name="model">The model; it is not disposed with the client.</param>
    /// <param name="options">How the client works; null: as the model's file says.</param>
    /// <exception cref="ArgumentException">The model has no tokenizer, or the pool is of another model.</exception>
    /// <exception cref="ChatTemplateException">No template is given and the model has none, or a wrong one.</exception>
    public TransformerChatClient(TransformerModel model, TransformerChatClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new TransformerChatClientOptions();
        _generator = new TextGenerator(model);
        _time = _options.TimeProvider ?? TimeProvider.System;
        _template = _options.Template?.For(model) ?? ChatTemplate.FromModel(model, time: _options.TimeProvider);
        if (_options.Sessions is { } sessions && !ReferenceEquals(sessions.Model, model))
            throw new ArgumentException("Sessions: the pool is of another model.", nameof(options));
        _sessions = _options.Sessions ?? new SessionPool(model);
        _defaults = _options.Defaults ?? _generator.DefaultOptions with { MaxTokens = model.ContextLength };
        _metadata = new ChatClientMetadata("transformer.core", defaultModelId: _options.ModelId ?? model.Description.Name);
    }

    private string ModelId => _metadata.DefaultModelId!;

    /// <inheritdoc cref="GetStreamingResponseAsync" path="/exception"/>
    /// <inheritdoc cref="GetStreamingResponseAsync" path="/param"/>
    /// <summary>Answers, all at once. Usage, finish reason and model are in the response, log-probabilities under <see cref="LogprobsKey"/>.</summary>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ChatRun run = await Task.Run(() => Start(messages, options), cancellationToken).ConfigureAwait(false);
        List<ChatResponseUpdate> updates = [];
        List<TokenLogprobs> logprobs = [];
        await foreach (ChatResponseUpdate update in run.Stream(cancellationToken).ConfigureAwait(false))
        {
            if (update.AdditionalProperties?.TryGetValue(LogprobsKey, out object? found) == true && found is IReadOnlyList<TokenLogprobs> some)
                logprobs.AddRange(some);
            update.AdditionalProperties = null;
            updates.Add(update);
        }
        ChatResponse response = updates.ToChatResponse();
        if (logprobs.Count > 0)
            response.AdditionalProperties = new AdditionalPropertiesDictionary { [LogprobsKey] = (IReadOnlyList<TokenLogprobs>)logprobs };
        return response;
    }

    /// <summary>Answers piece by piece. The last update has the finish reason and a <see cref="UsageContent"/>. Leaving the loop early ends the generation.</summary>
    /// <param name="messages">The conversation, oldest first: at least one message.</param>
    /// <param name="options">How; null: the client's defaults.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <exception cref="ArgumentException">There are no messages, a role is unknown, or an option has a value that cannot be.</exception>
    /// <exception cref="NotSupportedException">An option or a content cannot be honoured; the message names it.</exception>
    /// <exception cref="ChatTemplateException">The template does not accept these messages.</exception>
    /// <exception cref="ContextLengthExceededException">The conversation is longer than the model's context.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        // checked here, so that what is wrong throws where the call stands and not at the first update
        Start(messages, options).Stream(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Knows itself, <see cref="ChatClientMetadata"/>, <see cref="TransformerModel"/>, <see cref="TextGenerator"/>, <see cref="ITokenizer"/>, <see cref="ChatTemplate"/> and <see cref="SessionPool"/>.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        object?[] services = [this, _metadata, _generator.Model, _generator, _generator.Tokenizer, _template, _sessions];
        return serviceKey is null ? Array.Find(services, serviceType.IsInstanceOfType) : null;
    }

    /// <summary>Lets idle sessions go, unless their pool was given.</summary>
    public void Dispose()
    {
        if (_options.Sessions is null)
            _sessions.Dispose();
    }

    private ChatRun Start(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<ChatMessage> all = [.. messages];
        if (all.Count == 0)
            throw new ArgumentException("messages: expected at least one message, found none.", nameof(messages));
        if (!string.IsNullOrEmpty(options?.Instructions))
            Instruct(all, options.Instructions);

        ChatRequest request = ChatOptionsMapping.Map(this, options, _defaults, ModelId, _template);
        IReadOnlyList<TextPart> text = _template.Render(all, request.Tools, addGenerationPrompt: true, request.Variables);
        // as Hugging Face: a template that comes with a model prints the beginning token itself, if the model wants one
        int[] prompt = _generator.Tokenizer.Encode(text, _template.BeginsText ? false : null);
        // checks prompt and options, and computes nothing yet
        _ = _generator.StreamAsync(prompt, request.Generation);
        return new ChatRun(_generator, _sessions, prompt, request, Reader(request, text), ModelId, _time.GetUtcNow());
    }

    private static void Instruct(List<ChatMessage> messages, string instructions)
    {
        // many templates take one system message only
        if (messages[0].Role == ChatRole.System)
            messages[0] = new ChatMessage(ChatRole.System, instructions + "\n\n" + messages[0].Text);
        else
            messages.Insert(0, new ChatMessage(ChatRole.System, instructions));
    }

    private IResponseReader Reader(ChatRequest request, IReadOnlyList<TextPart> prompt)
    {
        ToolCallFormat format = _options.ToolCallFormat ?? _template.ToolCallFormat;
        if (format == ToolCallFormat.Harmony)
            return new HarmonyReader();
        IEnumerable<Region> regions = request.Tools.Count > 0 ? Region.Of(format) : [];
        if (!_template.HasThinking)
            return new RegionReader(regions);
        bool isOpen = prompt.Count > 0 && prompt[^1].IsTemplate && prompt[^1].Text.TrimEnd().EndsWith(Region.Think.Begin, StringComparison.Ordinal);
        return new RegionReader([Region.Think, .. regions], isOpen ? Region.Think : null);
    }
}
