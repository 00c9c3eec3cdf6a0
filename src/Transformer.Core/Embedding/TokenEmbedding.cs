using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Embedding;

/// <summary>Looks rows up in the embedding table [vocabulary, hidden]: n ids give [n, hidden].</summary>
public sealed class TokenEmbedding : IEmbedding
{
    private readonly WeightMatrix _table;

    /// <summary>Reads <c>weight</c> [vocabulary, hidden].</summary>
    public TokenEmbedding(ComponentContext context) => _table = context.Weights.Matrix("weight", context.VocabSize, context.HiddenSize);

    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden)
    {
        for (int row = 0; row < tokenIds.Length; row++)
            _table.DecodeRow(tokenIds[row], hidden[row]);
    }
}
