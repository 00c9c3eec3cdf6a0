using Transformer.Core.Numerics;

namespace Transformer.Core.Embedding;

/// <summary>An embedding whose rows are normalized before the first layer (BLOOM, arXiv:2211.05100).</summary>
/// <param name="embedding">Turns ids into rows.</param>
/// <param name="normalization">Brings them to a common scale.</param>
public sealed class NormalizedEmbedding(IEmbedding embedding, INormalization normalization) : IEmbedding
{
    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden)
    {
        embedding.Forward(tokenIds, hidden);
        normalization.Forward(hidden, hidden);
    }
}
