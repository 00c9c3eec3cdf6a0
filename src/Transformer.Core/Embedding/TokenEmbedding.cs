using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Embedding;

/// <summary>Looks rows up in the embedding table [vocabulary, hidden]: n ids give [n, hidden].</summary>
public sealed class TokenEmbedding : IEmbedding
{
    private readonly WeightMatrix _table;
    private readonly float _scale;

    /// <summary>Reads <c>weight</c> [vocabulary, hidden].</summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="scale">Factor on every value; 1 in most families, √hidden in Gemma.</param>
    public TokenEmbedding(ComponentContext context, double scale = 1)
    {
        _table = context.Weights.Matrix("weight", context.VocabSize, context.HiddenSize);
        _scale = (float)scale;
    }

    /// <inheritdoc/>
    public void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden)
    {
        for (int row = 0; row < tokenIds.Length; row++)
        {
            _table.DecodeRow(tokenIds[row], hidden[row]);
            if (_scale != 1)
                TensorPrimitives.Multiply(hidden[row], _scale, hidden[row]);
        }
    }
}
