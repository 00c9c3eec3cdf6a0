using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Experiments;

/// <summary>What a change of a model does on a text.</summary>
/// <param name="OriginalLoss">Mean −ln p(next token) of the original.</param>
/// <param name="ChangedLoss">The same of the changed model.</param>
/// <param name="Divergence">Mean Kullback-Leibler divergence Σ p·ln(p/q) from the original's distribution p to the changed model's q, in nats; 0 if they are the same.</param>
/// <param name="SameTop">Share of the places where both find the same token likeliest.</param>
/// <param name="Places">Places compared: tokens of the text after the first.</param>
public sealed record ModelComparison(double OriginalLoss, double ChangedLoss, double Divergence, double SameTop, int Places)
{
    /// <summary>Compares two models on one text.</summary>
    /// <param name="original">The one.</param>
    /// <param name="changed">The other, of the same vocabulary.</param>
    /// <param name="tokens">[n] the text, at least 2 tokens.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The vocabularies differ in size, or the text is too short.</exception>
    public static ModelComparison Of(TransformerModel original, TransformerModel changed, ReadOnlySpan<int> tokens, CancellationToken cancellationToken = default)
    {
        if (original.VocabSize != changed.VocabSize)
            throw new ArgumentException($"Expected models of one vocabulary, found {original.VocabSize} and {changed.VocabSize} ids.", nameof(changed));
        if (tokens.Length < 2)
            throw new ArgumentException($"Expected a text of at least 2 tokens, found {tokens.Length}.", nameof(tokens));
        int vocabulary = original.VocabSize, places = tokens.Length - 1;
        float[] first = ModelRun.Logits(original, tokens[..^1], null, cancellationToken);
        float[] second = ModelRun.Logits(changed, tokens[..^1], null, cancellationToken);
        double lossBefore = 0, lossAfter = 0, divergence = 0;
        int same = 0;
        for (int i = 0; i < places; i++)
        {
            ReadOnlySpan<float> before = first.AsSpan(i * vocabulary, vocabulary), after = second.AsSpan(i * vocabulary, vocabulary);
            double totalBefore = LogSumExp.Compute(before), totalAfter = LogSumExp.Compute(after);
            lossBefore += totalBefore - before[tokens[i + 1]];
            lossAfter += totalAfter - after[tokens[i + 1]];
            for (int id = 0; id < vocabulary; id++)
            {
                double logP = before[id] - totalBefore, p = Math.Exp(logP);
                divergence += p > 0 ? p * (logP - (after[id] - totalAfter)) : 0;
            }
            same += ModelRun.Top(before, 1)[0].Token == ModelRun.Top(after, 1)[0].Token ? 1 : 0;
        }
        return new ModelComparison(lossBefore / places, lossAfter / places, divergence / places, same / (double)places, places);
    }
}
