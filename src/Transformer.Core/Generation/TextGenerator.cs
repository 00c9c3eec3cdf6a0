using System.Runtime.CompilerServices;
using Transformer.Core.Generation;

namespace Transformer.Core;

/// <summary>
/// Completes text with a model and its tokenizer. Thread-safe: each call has a session of its own, unless it is given one.
/// </summary>
public sealed class TextGenerator
{
    private readonly Lazy<GenerationOptions> _defaults;

    /// <summary>A generator for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; null: <see cref="TransformerModel.Tokenizer"/>.</param>
    /// <exception cref="ArgumentException">There is no tokenizer.</exception>
    public TextGenerator(TransformerModel model, ITokenizer? tokenizer = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        Tokenizer = tokenizer ?? model.Tokenizer
            ?? throw new ArgumentException($"{model.Description.Name} has no tokenizer: give one (WithTokenizer), or use DecoderSession with token ids.", nameof(tokenizer));
        _defaults = new Lazy<GenerationOptions>(() => GenerationDefaults.Of(model.Metadata));
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>
    /// How this model's makers recommend to sample it, from <c>generation_config.json</c> or GGUF's <c>general.sampling.*</c>;
    /// where the checkpoint says nothing, greedy. Calls without options use it; a call with options uses those alone, so
    /// change some of these by <c>DefaultOptions with { MaxTokens = 50 }</c>.
    /// </summary>
    /// <exception cref="ModelFileException">The checkpoint has a value that cannot be.</exception>
    public GenerationOptions DefaultOptions => _defaults.Value;

    /// <summary>Completes a text.</summary>
    /// <param name="prompt">The text to continue; may be empty if the model has a beginning token.</param>
    /// <param name="options">How; null: <see cref="DefaultOptions"/>.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <exception cref="ContextLengthExceededException">The prompt is longer than the model's context.</exception>
    /// <exception cref="ArgumentException">An option has a value that cannot be, or the prompt has no tokens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public GenerationResult Complete(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Complete(Encode(prompt, options), options, null, cancellationToken);

    /// <summary>Completes a text in a session.</summary>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/exception"/>
    public GenerationResult Complete(string prompt, GenerationOptions? options, DecoderSession session, CancellationToken cancellationToken = default) =>
        Complete(Encode(prompt, options), options, session, cancellationToken);

    /// <summary>Completes a sequence of tokens.</summary>
    /// <param name="promptTokenIds">All tokens of the prompt from the beginning of the sequence; special ones are the caller's.</param>
    /// <param name="options">How; null: <see cref="DefaultOptions"/>. <see cref="GenerationOptions.AddBos"/> and <see cref="GenerationOptions.ParseSpecialTokens"/> do not matter.</param>
    /// <param name="session">
    /// Where to compute; null: a session of the call's own. What the session has in common with the prompt is not computed
    /// again, what differs is forgotten. Afterwards it holds prompt and text but for the last token, so the next turn of a
    /// conversation computes only what is new. A cancelled call leaves it usable.
    /// </param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <exception cref="ContextLengthExceededException">The prompt is longer than the context.</exception>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    /// <exception cref="ArgumentException">An option has a value that cannot be, the prompt has no tokens, or the session is of another model.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public GenerationResult Complete(ReadOnlySpan<int> promptTokenIds, GenerationOptions? options = null, DecoderSession? session = null, CancellationToken cancellationToken = default)
    {
        (int[] tokens, GenerationOptions chosen) = Prepare(promptTokenIds, options, session);
        using DecoderSession? own = session is null ? CreateSession(tokens, chosen) : null;
        GenerationRun run = Start(session ?? own!, tokens, chosen);
        using GenerationTelemetry? telemetry = GenerationTelemetry.Start(Model, chosen, tokens.Length);
        while (true)
            if (GenerationTelemetry.Next(telemetry, run, cancellationToken) is { Result: { } result })
                return result;
    }

    /// <summary>Completes a text piece by piece, off the caller's thread. Leaving the loop early ends the generation.</summary>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    /// <returns>Pieces of text; the last carries the <see cref="GenerationResult"/>.</returns>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Encode(prompt, options), options, null, cancellationToken);

    /// <summary>Completes a text in a session piece by piece, off the caller's thread. Leaving the loop early ends the generation.</summary>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/exception"/>
    /// <inheritdoc cref="StreamAsync(string, GenerationOptions, CancellationToken)" path="/returns"/>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(string prompt, GenerationOptions? options, DecoderSession session, CancellationToken cancellationToken = default) =>
        StreamAsync(Encode(prompt, options), options, session, cancellationToken);

    /// <summary>Completes a sequence of tokens piece by piece, off the caller's thread. Leaving the loop early ends the generation.</summary>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Complete(ReadOnlySpan{int}, GenerationOptions, DecoderSession, CancellationToken)" path="/exception"/>
    /// <inheritdoc cref="StreamAsync(string, GenerationOptions, CancellationToken)" path="/returns"/>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(ReadOnlySpan<int> promptTokenIds, GenerationOptions? options = null, DecoderSession? session = null, CancellationToken cancellationToken = default)
    {
        // Checked here, so that a wrong option throws where the call stands and not at the first piece.
        (int[] tokens, GenerationOptions chosen) = Prepare(promptTokenIds, options, session);
        return Stream(tokens, chosen, session, cancellationToken);
    }

    /// <summary>
    /// Several completions of one text, which is computed once for all of them; afterwards each pass computes one token of
    /// each. With a <see cref="GenerationOptions.Seed"/> the first completion is that of <see cref="Complete(string, GenerationOptions, CancellationToken)"/>,
    /// the next that of the next seed, and so on.
    /// </summary>
    /// <param name="prompt">The text to continue; may be empty if the model has a beginning token.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="options">How; null: <see cref="DefaultOptions"/>. Without a temperature all are the same.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    public IReadOnlyList<GenerationResult> CompleteMany(string prompt, int count, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        CompleteMany(Encode(prompt, options), count, options, cancellationToken);

    /// <summary>Several completions of one sequence of tokens.</summary>
    /// <param name="promptTokenIds">All tokens of the prompt.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="options">How; null: <see cref="DefaultOptions"/>. Without a temperature all are the same.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    public IReadOnlyList<GenerationResult> CompleteMany(ReadOnlySpan<int> promptTokenIds, int count, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        (int[] tokens, GenerationOptions chosen) = Prepare(promptTokenIds, options, null);
        return new SampleGroup(this, tokens, count, chosen).Run(cancellationToken);
    }

    /// <summary>The most probable completions found by beam search.</summary>
    /// <param name="prompt">The text to continue; may be empty if the model has a beginning token.</param>
    /// <param name="options">How; null: four beams, up to 64 tokens.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <returns>Completions, best score first.</returns>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    public IReadOnlyList<BeamHypothesis> BeamSearch(string prompt, BeamSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return BeamSearch(Tokenizer.Encode(prompt, options?.AddBos, options?.ParseSpecialTokens ?? false), options, cancellationToken);
    }

    /// <summary>The most probable completions of a sequence of tokens found by beam search.</summary>
    /// <param name="promptTokenIds">All tokens of the prompt.</param>
    /// <param name="options">How; null: four beams, up to 64 tokens.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <returns>Completions, best score first.</returns>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    public IReadOnlyList<BeamHypothesis> BeamSearch(ReadOnlySpan<int> promptTokenIds, BeamSearchOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new BeamSearchOptions();
        options.Validate();
        int[] tokens = CheckPrompt(promptTokenIds, Model.ContextLength);
        using BeamSearchRun run = new(this, tokens, options);
        return run.Run(cancellationToken);
    }

    /// <summary>How probable each token of a text is, given those before it.</summary>
    /// <param name="text">The text; the model's beginning token comes before it as the model was trained.</param>
    /// <param name="topLogprobs">How many of the most probable tokens are given for each place.</param>
    /// <param name="cancellationToken">Honoured between layers.</param>
    /// <returns>One for each token but the first, which nothing comes before.</returns>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    public IReadOnlyList<TokenLogprobs> Score(string text, int topLogprobs = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Score(Tokenizer.Encode(text), topLogprobs, cancellationToken);
    }

    /// <summary>How probable each token of a sequence is, given those before it.</summary>
    /// <param name="tokenIds">The tokens, the beginning token included if the model wants one.</param>
    /// <param name="topLogprobs">How many of the most probable tokens are given for each place.</param>
    /// <param name="cancellationToken">Honoured between layers.</param>
    /// <returns>One for each token but the first, which nothing comes before.</returns>
    /// <inheritdoc cref="Complete(string, GenerationOptions, CancellationToken)" path="/exception"/>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    public IReadOnlyList<TokenLogprobs> Score(ReadOnlySpan<int> tokenIds, int topLogprobs = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(topLogprobs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topLogprobs, Model.VocabSize);
        return PromptScore.Of(Model, CheckPrompt(tokenIds, Model.ContextLength), topLogprobs, cancellationToken);
    }

    private async IAsyncEnumerable<GenerationUpdate> Stream(int[] tokens, GenerationOptions options, DecoderSession? session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using DecoderSession? own = session is null ? CreateSession(tokens, options) : null;
        GenerationRun run = Start(session ?? own!, tokens, options);
        using GenerationTelemetry? telemetry = GenerationTelemetry.Start(Model, options, tokens.Length);
        GenerationUpdate update;
        do
        {
            update = await Task.Run(() => GenerationTelemetry.Next(telemetry, run, cancellationToken), cancellationToken).ConfigureAwait(false);
            yield return update;
        }
        while (update.Result is null);
    }

    internal GenerationRun Start(DecoderSession session, int[] tokens, GenerationOptions options) =>
        new(session, Tokenizer, tokens, options, options.CreateChoice(Tokenizer));

    internal int[] Encode(string prompt, GenerationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= DefaultOptions;
        return Tokenizer.Encode(prompt, options.AddBos, options.ParseSpecialTokens);
    }

    internal (int[] Tokens, GenerationOptions Options) Prepare(ReadOnlySpan<int> prompt, GenerationOptions? options, DecoderSession? session)
    {
        options ??= DefaultOptions;
        options.Validate(Model.VocabSize);
        if (session is not null && !ReferenceEquals(session.Model, Model))
            throw new ArgumentException("The session is of another model.", nameof(session));
        return (CheckPrompt(prompt, session?.Capacity ?? Model.ContextLength), options);
    }

    private int[] CheckPrompt(ReadOnlySpan<int> prompt, int capacity)
    {
        if (prompt.IsEmpty)
            throw new ArgumentException("The prompt is empty: no tokens, not even a beginning token. Expected at least one.", nameof(prompt));
        if (prompt.Length > capacity)
            throw new ContextLengthExceededException(capacity, prompt.Length);
        for (int i = 0; i < prompt.Length; i++)
            if ((uint)prompt[i] >= (uint)Model.VocabSize)
                throw new TokenOutOfRangeException(prompt[i], i, Model.VocabSize);
        return prompt.ToArray();
    }

    internal DecoderSession CreateSession(int[] tokens, GenerationOptions options) =>
        Model.CreateSession((int)Math.Min(Model.ContextLength, (long)tokens.Length + Math.Max(options.MaxTokens, 1)));
}
