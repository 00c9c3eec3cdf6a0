using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>A model as <see cref="IEmbeddingGenerator"/>, over <see cref="TextEmbedder"/>. Thread-safe.</summary>
public sealed class TransformerEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly TextEmbedder _embedder;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly TimeProvider _time;

    /// <summary>A generator over a model.</summary>
    /// <param name="model">The model; it is not disposed with the generator.</param>
    /// <param name="pooling">How hidden states become one vector.</param>
    /// <param name="modelId">The model's name in results; null: that of its description.</param>
    /// <param name="timeProvider">The clock of results; null: the system's.</param>
    /// <exception cref="ArgumentException">The model has no tokenizer.</exception>
    public TransformerEmbeddingGenerator(TransformerModel model, EmbeddingPooling pooling = EmbeddingPooling.Mean, string? modelId = null, TimeProvider? timeProvider = null)
        : this(new TextEmbedder(model, pooling: pooling), modelId, timeProvider)
    {
    }

    /// <summary>A generator over an embedder.</summary>
    /// <param name="embedder">The embedder.</param>
    /// <param name="modelId">The model's name in results; null: that of its description.</param>
    /// <param name="timeProvider">The clock of results; null: the system's.</param>
    public TransformerEmbeddingGenerator(TextEmbedder embedder, string? modelId = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(embedder);
        _embedder = embedder;
        _time = timeProvider ?? TimeProvider.System;
        _metadata = new EmbeddingGeneratorMetadata("transformer.core", defaultModelId: modelId ?? embedder.Model.Description.Name, defaultModelDimensions: embedder.Dimensions);
    }

    /// <summary>The vectors of texts, of length 1 and in their order, computed off the caller's thread.</summary>
    /// <param name="values">The texts.</param>
    /// <param name="options">The model's own size and name, or null; anything else is refused by name.</param>
    /// <param name="cancellationToken">Honoured between layers.</param>
    /// <exception cref="NotSupportedException">An option cannot be honoured; the message names it.</exception>
    /// <exception cref="ArgumentException">A text is null or has no tokens.</exception>
    /// <exception cref="ContextLengthExceededException">A text has more tokens than the model's context.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        string model = _metadata.DefaultModelId!;
        if (options?.Dimensions is { } dimensions && dimensions != _embedder.Dimensions)
            throw new NotSupportedException($"Dimensions: the vectors of this model have {_embedder.Dimensions}, found {dimensions}.");
        if (options?.ModelId is { } other && other != model)
            throw new NotSupportedException($"ModelId: this generator serves '{model}' only, found '{other}'.");
        if (options?.AdditionalProperties is { Count: > 0 } more)
            throw new NotSupportedException($"AdditionalProperties: unknown option '{more.First().Key}'.");
        if (options?.RawRepresentationFactory is not null)
            throw new NotSupportedException("RawRepresentationFactory: there are no further options.");
        return Task.Run(() => Generate(values, model, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Knows itself, <see cref="EmbeddingGeneratorMetadata"/>, <see cref="TransformerModel"/>, <see cref="TextEmbedder"/> and <see cref="ITokenizer"/>.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        object?[] services = [this, _metadata, _embedder.Model, _embedder, _embedder.Tokenizer];
        return serviceKey is null ? Array.Find(services, serviceType.IsInstanceOfType) : null;
    }

    /// <summary>Nothing is held.</summary>
    public void Dispose()
    {
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(IEnumerable<string> values, string model, CancellationToken cancellationToken)
    {
        GeneratedEmbeddings<Embedding<float>> embeddings = [];
        long tokens = 0;
        foreach (string? value in values)
        {
            int[] ids = _embedder.Tokenizer.Encode(value ?? throw new ArgumentException("values: a text is null.", nameof(values)));
            tokens += ids.Length;
            embeddings.Add(new Embedding<float>(_embedder.Embed(ids, cancellationToken)) { ModelId = model, CreatedAt = _time.GetUtcNow() });
        }
        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }
}
