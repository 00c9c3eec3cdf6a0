using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>How the hidden states of a text become one vector.</summary>
public enum EmbeddingPooling
{
    /// <summary>The mean over all tokens, the beginning token included.</summary>
    Mean,

    /// <summary>The state of the last token, the only one that has seen all others.</summary>
    Last,
}

/// <summary>
/// Turns texts into vectors: the hidden states after the final normalization, pooled and scaled to length 1, as llama.cpp's
/// embeddings are. Thread-safe: each call has a session of its own.
/// </summary>
public sealed class TextEmbedder
{
    private const int RowsAtOnce = 256;

    private readonly EmbeddingPooling _pooling;
    private readonly bool _normalize;

    /// <summary>An embedder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer; null: <see cref="TransformerModel.Tokenizer"/>.</param>
    /// <param name="pooling">How states become one vector.</param>
    /// <param name="normalize">Whether vectors have the Euclidean length 1, so that their dot product is the cosine.</param>
    /// <exception cref="ArgumentException">There is no tokenizer.</exception>
    public TextEmbedder(TransformerModel model, ITokenizer? tokenizer = null, EmbeddingPooling pooling = EmbeddingPooling.Mean, bool normalize = true)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!Enum.IsDefined(pooling))
            throw new ArgumentOutOfRangeException(nameof(pooling), pooling, $"EmbeddingPooling: expected Mean or Last, found {pooling}.");
        Model = model;
        Tokenizer = tokenizer ?? model.Tokenizer
            ?? throw new ArgumentException($"{model.Description.Name} has no tokenizer: give one (WithTokenizer).", nameof(tokenizer));
        _pooling = pooling;
        _normalize = normalize;
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>The tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Length of the vectors: the model's <see cref="TransformerModel.HiddenSize"/>.</summary>
    public int Dimensions => Model.HiddenSize;

    /// <summary>The vector of a text.</summary>
    /// <param name="text">The text; empty only if the model has a beginning token.</param>
    /// <param name="cancellationToken">Honoured between layers.</param>
    /// <returns>[<see cref="Dimensions"/>].</returns>
    /// <exception cref="ContextLengthExceededException">The text has more tokens than the model's context.</exception>
    /// <exception cref="ArgumentException">The text has no tokens.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public float[] Embed(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Embed(Tokenizer.Encode(text), cancellationToken);
    }

    /// <summary>The vector of a sequence of tokens, the beginning token included if the model wants one.</summary>
    /// <param name="tokenIds">The tokens.</param>
    /// <param name="cancellationToken">Honoured between layers.</param>
    /// <inheritdoc cref="Embed(string, CancellationToken)" path="/returns"/>
    /// <inheritdoc cref="Embed(string, CancellationToken)" path="/exception"/>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    public float[] Embed(ReadOnlySpan<int> tokenIds, CancellationToken cancellationToken = default)
    {
        if (tokenIds.IsEmpty)
            throw new ArgumentException("The text has no tokens: expected at least one.", nameof(tokenIds));
        if (tokenIds.Length > Model.ContextLength)
            throw new ContextLengthExceededException(Model.ContextLength, tokenIds.Length);

        using DecoderSession session = Model.CreateSession(tokenIds.Length);
        float[] states = new float[Math.Min(RowsAtOnce, tokenIds.Length) * Dimensions];
        double[] sum = new double[Dimensions];
        for (int start = 0; start < tokenIds.Length; start += RowsAtOnce)
        {
            ReadOnlySpan<int> piece = tokenIds.Slice(start, Math.Min(RowsAtOnce, tokenIds.Length - start));
            MatrixSpan hidden = new(states, piece.Length, Dimensions);
            session.ForwardHidden(piece, hidden, cancellationToken);
            bool isEnd = start + piece.Length == tokenIds.Length;
            for (int row = _pooling == EmbeddingPooling.Mean ? 0 : isEnd ? piece.Length - 1 : piece.Length; row < piece.Length; row++)
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += hidden[row][i];
        }
        double scale = _normalize ? Length(sum) : _pooling == EmbeddingPooling.Mean ? tokenIds.Length : 1;
        return Array.ConvertAll(sum, value => scale == 0 ? 0 : (float)(value / scale));
    }

    /// <summary>The vectors of several texts, in their order.</summary>
    /// <param name="texts">The texts.</param>
    /// <inheritdoc cref="Embed(string, CancellationToken)" path="/exception"/>
    /// <param name="cancellationToken">Honoured between layers.</param>
    public IReadOnlyList<float[]> Embed(IEnumerable<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => Embed(text, cancellationToken))];
    }

    private static double Length(double[] vector)
    {
        double squares = 0;
        foreach (double value in vector)
            squares += value * value;
        return Math.Sqrt(squares);
    }
}
