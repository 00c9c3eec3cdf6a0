using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Weights;

namespace Transformer.Core.Positions;

/// <summary>Adds a trained vector for each position (GPT-2). There are no positions beyond the table.</summary>
public sealed class LearnedPositions : IPositionalEncoder
{
    private readonly WeightMatrix _table;

    /// <summary>Reads <c>model.embed_positions.weight</c> [context length, hidden].</summary>
    public LearnedPositions(ComponentContext context) =>
        _table = context.Weights.Root.Child("model.embed_positions").Matrix("weight", context.ContextLength, context.HiddenSize);

    /// <summary>False: positions enter elsewhere.</summary>
    public bool BiasesScores => false;

    /// <inheritdoc/>
    public void AddToEmbeddings(ReadOnlySpan<int> positions, MatrixSpan hidden)
    {
        Span<float> vector = hidden.Columns <= 16384 ? stackalloc float[hidden.Columns] : new float[hidden.Columns];
        for (int row = 0; row < positions.Length; row++)
        {
            _table.DecodeRow(positions[row], vector);
            Add.Compute(vector, hidden[row]);
        }
    }
}
