using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Experiments;

/// <summary>One pass over a text, and what its logits say.</summary>
internal static class ModelRun
{
    /// <summary>[n, vocabulary] logits after every token, in a fresh session.</summary>
    public static float[] Logits(TransformerModel model, ReadOnlySpan<int> tokens, IActivationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        // The session checks the length as well, but only after memory for all the logits has been asked for.
        if (tokens.Length > model.ContextLength)
            throw new ContextLengthExceededException(model.ContextLength, tokens.Length);
        if (tokens.IsEmpty)
            throw new ArgumentException("Expected at least one token.", nameof(tokens));
        using DecoderSession session = model.CreateSession(tokens.Length);
        session.Observer = observer;
        float[] logits = new float[checked(tokens.Length * model.VocabSize)];
        session.ForwardAll(tokens, new MatrixSpan(logits, tokens.Length, model.VocabSize), cancellationToken);
        return logits;
    }

    /// <summary>As <see cref="Logits"/>, for experiments on whole patterns, which need the text in one pass.</summary>
    public static void RequireOnePass(ReadOnlySpan<int> tokens)
    {
        if (tokens.Length > 256)
            throw new ArgumentException($"Expected a text of at most 256 tokens, found {tokens.Length}.", nameof(tokens));
    }

    /// <summary>−ln p of a token.</summary>
    public static double Loss(ReadOnlySpan<float> logits, int token) => LogSumExp.Compute(logits) - logits[token];

    /// <summary>Mean of −ln p(next token) over all tokens after the first.</summary>
    public static double MeanLoss(TransformerModel model, ReadOnlySpan<int> tokens, IActivationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        if (tokens.Length < 2)
            throw new ArgumentException($"Expected a text of at least 2 tokens, found {tokens.Length}.", nameof(tokens));
        float[] logits = Logits(model, tokens[..^1], observer, cancellationToken);
        double total = 0;
        for (int i = 0; i < tokens.Length - 1; i++)
            total += Loss(logits.AsSpan(i * model.VocabSize, model.VocabSize), tokens[i + 1]);
        return total / (tokens.Length - 1);
    }

    /// <summary>The tokens with the largest logits.</summary>
    public static IReadOnlyList<TokenProbability> Top(ReadOnlySpan<float> logits, int count)
    {
        double total = LogSumExp.Compute(logits);
        PriorityQueue<int, float> best = new();
        for (int id = 0; id < logits.Length; id++)
        {
            if (best.Count < count)
                best.Enqueue(id, logits[id]);
            else if (best.TryPeek(out _, out float least) && logits[id] > least)
                best.EnqueueDequeue(id, logits[id]);
        }
        List<TokenProbability> top = [];
        while (best.TryDequeue(out int id, out float logit))
            top.Add(new TokenProbability(id, logit, Math.Exp(logit - total)));
        top.Sort((a, b) => a.Logit != b.Logit ? b.Logit.CompareTo(a.Logit) : a.Token.CompareTo(b.Token));
        return top;
    }
}

/// <summary>A token and how likely it is.</summary>
/// <param name="Token">Its id.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability.</param>
public sealed record TokenProbability(int Token, float Logit, double Probability);
