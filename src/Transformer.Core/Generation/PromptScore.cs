using Transformer.Core.Numerics;

namespace Transformer.Core.Generation;

/// <summary>Log-probabilities of the tokens of a given text.</summary>
internal static class PromptScore
{
    private const int RowsAtOnce = 64;

    /// <summary>Those of tokens 1 to the last.</summary>
    public static IReadOnlyList<TokenLogprobs> Of(TransformerModel model, int[] tokens, int top, CancellationToken cancellationToken)
    {
        using DecoderSession session = model.CreateSession(tokens.Length);
        float[] buffer = new float[Math.Min(RowsAtOnce, tokens.Length) * model.VocabSize];
        TokenLogprobs[] scores = new TokenLogprobs[tokens.Length - 1];
        for (int start = 0; start < scores.Length; start += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, scores.Length - start);
            MatrixSpan logits = new(buffer, rows, model.VocabSize);
            session.ForwardAll(tokens.AsSpan(start, rows), logits, cancellationToken);
            for (int row = 0; row < rows; row++)
                scores[start + row] = Logprobs.Of(tokens[start + row + 1], logits[row], top);
        }
        return scores;
    }
}
