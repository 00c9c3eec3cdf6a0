using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core;

/// <summary>How well a model predicts a text.</summary>
/// <param name="NegativeLogLikelihood">Sum over the scored tokens, in nats.</param>
/// <param name="TokenCount">Scored tokens.</param>
/// <param name="ContextLength">Tokens of a window, or most tokens of a document.</param>
public sealed record PerplexityResult(double NegativeLogLikelihood, int TokenCount, int ContextLength)
{
    /// <summary>exp of the mean negative log-likelihood; NaN if nothing was scored.</summary>
    public double Perplexity => Math.Exp(NegativeLogLikelihood / TokenCount);
}

/// <summary>Measures perplexity.</summary>
public static class Perplexity
{
    private const int RowsAtOnce = 64;

    /// <summary>
    /// By llama.cpp's method: the tokens of the whole text in windows that do not overlap, the model's beginning
    /// token in place of each window's first, the second half of each window scored.
    /// </summary>
    /// <param name="model">A model with a tokenizer.</param>
    /// <param name="text">The text; its last, incomplete window is left out.</param>
    /// <param name="contextLength">Tokens of a window, at least 4.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <exception cref="ContextLengthExceededException"><paramref name="contextLength"/> is more than the model's.</exception>
    /// <exception cref="ArgumentException">The text has fewer tokens than one window.</exception>
    public static PerplexityResult OfText(TransformerModel model, string text, int contextLength, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 4);
        ITokenizer tokenizer = Check(model, contextLength);
        int[] tokens = tokenizer.Encode(text);
        int windows = tokens.Length / contextLength;
        if (windows == 0)
            throw new ArgumentException($"Expected a text of at least {contextLength} tokens (the context), found {tokens.Length}.", nameof(text));

        using DecoderSession session = model.CreateSession(contextLength);
        double total = 0;
        int count = 0;
        for (int i = 0; i < windows; i++)
        {
            int[] window = tokens[(i * contextLength)..((i + 1) * contextLength)];
            if (tokenizer is { AddsBos: true, BosTokenId: { } bos })
                window[0] = bos;
            total += Score(session, window, contextLength / 2, cancellationToken);
            count += contextLength - (contextLength / 2) - 1;
            progress?.Report((i + 1.0) / windows);
        }
        return new PerplexityResult(total, count, contextLength);
    }

    /// <summary>Each text between lines <c>&lt;|endoftext|&gt;</c> by itself: after the beginning token, cut at the context, every next token scored.</summary>
    /// <param name="model">A model with a tokenizer.</param>
    /// <param name="text">The texts.</param>
    /// <param name="contextLength">Most tokens of a text, at least 2.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    /// <exception cref="ContextLengthExceededException"><paramref name="contextLength"/> is more than the model's.</exception>
    public static PerplexityResult OfDocuments(TransformerModel model, string text, int contextLength, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        ITokenizer tokenizer = Check(model, contextLength);
        using DecoderSession session = model.CreateSession(contextLength);
        double total = 0;
        int count = 0;
        string[] documents = text.Split("<|endoftext|>", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < documents.Length; i++)
        {
            int[] tokens = tokenizer.Encode(documents[i], addBos: tokenizer.BosTokenId is not null);
            int[] scored = tokens[..Math.Min(tokens.Length, contextLength)];
            if (scored.Length >= 2)
            {
                total += Score(session, scored, 0, cancellationToken);
                count += scored.Length - 1;
            }
            progress?.Report((i + 1.0) / documents.Length);
        }
        return new PerplexityResult(total, count, contextLength);
    }

    private static ITokenizer Check(TransformerModel model, int contextLength)
    {
        if (contextLength > model.ContextLength)
            throw new ContextLengthExceededException(model.ContextLength, contextLength);
        return model.Tokenizer ?? throw new ArgumentException($"{model.Description.Name} has no tokenizer.", nameof(model));
    }

    /// <summary>−Σ log p(tokens[i + 1] | tokens[..i]) for i from <paramref name="first"/> on.</summary>
    private static double Score(DecoderSession session, ReadOnlySpan<int> tokens, int first, CancellationToken cancellationToken)
    {
        session.Truncate(0);
        if (first > 0)
            session.Forward(tokens[..first], cancellationToken);
        int vocabulary = session.Model.VocabSize;
        float[] buffer = new float[RowsAtOnce * vocabulary];
        double total = 0;
        for (int start = first; start < tokens.Length - 1; start += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, tokens.Length - 1 - start);
            MatrixSpan logits = new(buffer, rows, vocabulary);
            session.ForwardAll(tokens.Slice(start, rows), logits, cancellationToken);
            for (int row = 0; row < rows; row++)
                total += LogSumExp.Compute(logits[row]) - logits[row][tokens[start + row + 1]];
        }
        return total;
    }
}
