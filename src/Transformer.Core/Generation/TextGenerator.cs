using System.Runtime.CompilerServices;
using Transformer.Core.Generation;

namespace Transformer.Core;

/// <summary>Completes text with a model and its tokenizer. Thread-safe: each call has a session of its own.</summary>
public sealed class TextGenerator
{
    private readonly ITokenizer _tokenizer;

    /// <summary>A generator for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; null: <see cref="TransformerModel.Tokenizer"/>.</param>
    /// <exception cref="ArgumentException">There is no tokenizer.</exception>
    public TextGenerator(TransformerModel model, ITokenizer? tokenizer = null)
    {
        Model = model;
        _tokenizer = tokenizer ?? model.Tokenizer
            ?? throw new ArgumentException($"{model.Description.Name} has no tokenizer: give one (WithTokenizer), or use DecoderSession with token ids.", nameof(tokenizer));
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Completes a text.</summary>
    /// <param name="prompt">The text to continue; may be empty if the model has a beginning token.</param>
    /// <param name="options">How; null: greedy, up to 256 tokens.</param>
    /// <param name="cancellationToken">Honoured between layers, within the prompt too.</param>
    /// <exception cref="ContextLengthExceededException">The prompt is longer than the model's context.</exception>
    /// <exception cref="ArgumentException">An option has a value that cannot be, or the prompt has no tokens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public GenerationResult Complete(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        (int[] tokens, GenerationOptions chosen) = Prepare(prompt, options);
        using DecoderSession session = CreateSession(tokens, chosen);
        GenerationRun run = new(session, _tokenizer, tokens, chosen);
        using GenerationTelemetry? telemetry = GenerationTelemetry.Start(Model, chosen, tokens.Length);
        while (true)
            if (GenerationTelemetry.Next(telemetry, run, cancellationToken) is { Result: { } result })
                return result;
    }

    /// <summary>Completes a text piece by piece, off the caller's thread. Leaving the loop early ends the generation.</summary>
    /// <inheritdoc cref="Complete" path="/param"/>
    /// <inheritdoc cref="Complete" path="/exception"/>
    /// <returns>Pieces of text; the last carries the <see cref="GenerationResult"/>.</returns>
    public IAsyncEnumerable<GenerationUpdate> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        // Checked here, so that a wrong option throws where the call stands and not at the first piece.
        (int[] tokens, GenerationOptions chosen) = Prepare(prompt, options);
        return Stream(tokens, chosen, cancellationToken);
    }

    private async IAsyncEnumerable<GenerationUpdate> Stream(int[] tokens, GenerationOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using DecoderSession session = CreateSession(tokens, options);
        GenerationRun run = new(session, _tokenizer, tokens, options);
        using GenerationTelemetry? telemetry = GenerationTelemetry.Start(Model, options, tokens.Length);
        GenerationUpdate update;
        do
        {
            update = await Task.Run(() => GenerationTelemetry.Next(telemetry, run, cancellationToken), cancellationToken).ConfigureAwait(false);
            yield return update;
        }
        while (update.Result is null);
    }

    private (int[] Tokens, GenerationOptions Options) Prepare(string prompt, GenerationOptions? options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        options ??= new GenerationOptions();
        options.Validate();
        int[] tokens = _tokenizer.Encode(prompt, options.AddBos, options.ParseSpecialTokens);
        if (tokens.Length == 0)
            throw new ArgumentException("The prompt is empty and the model has no beginning token to start from.", nameof(prompt));
        if (tokens.Length > Model.ContextLength)
            throw new ContextLengthExceededException(Model.ContextLength, tokens.Length);
        return (tokens, options);
    }

    private DecoderSession CreateSession(int[] tokens, GenerationOptions options) =>
        Model.CreateSession((int)Math.Min(Model.ContextLength, (long)tokens.Length + Math.Max(options.MaxTokens, 1)));
}
