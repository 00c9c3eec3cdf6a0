namespace Transformer.Core.Experiments;

/// <summary>How surprised the model is by a token of a text.</summary>
/// <param name="Index">Its place in the text, from 1: the first token has nothing before it.</param>
/// <param name="Token">Its id.</param>
/// <param name="Loss">−ln p(token | those before it).</param>
public sealed record TokenLoss(int Index, int Token, double Loss)
{
    /// <summary>The loss of every token of a text after the first.</summary>
    public static IReadOnlyList<TokenLoss> Of(TransformerModel model, ReadOnlySpan<int> tokens, IActivationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        if (tokens.Length < 2)
            return [];
        float[] logits = ModelRun.Logits(model, tokens[..^1], observer, cancellationToken);
        TokenLoss[] losses = new TokenLoss[tokens.Length - 1];
        for (int i = 0; i < losses.Length; i++)
            losses[i] = new TokenLoss(i + 1, tokens[i + 1], ModelRun.Loss(logits.AsSpan(i * model.VocabSize, model.VocabSize), tokens[i + 1]));
        return losses;
    }
}
