using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// Tells a model where tokens stand. There are three places where a position can enter; implement yours and
/// leave the others. Immutable and thread-safe.
/// </summary>
public interface IPositionalEncoder
{
    /// <summary>Whether <see cref="BiasScores"/> does anything. True unless said otherwise; false lets attention take its fastest path.</summary>
    bool BiasesScores => true;

    /// <summary>Adds to the embeddings, once below the first layer (sinusoidal, learned).</summary>
    /// <param name="positions">[n] position of each row.</param>
    /// <param name="hidden">[n, hidden], changed in place.</param>
    void AddToEmbeddings(ReadOnlySpan<int> positions, MatrixSpan hidden)
    {
    }

    /// <summary>Rotates queries or keys, in every layer (RoPE).</summary>
    /// <param name="positions">[n] position of each row.</param>
    /// <param name="vectors">[n, heads x headDim], changed in place.</param>
    /// <param name="headDim">Features of a head.</param>
    void Rotate(ReadOnlySpan<int> positions, MatrixSpan vectors, int headDim)
    {
    }

    /// <summary>Adds to the scaled scores of one query, before the softmax (ALiBi). Called from several threads at once.</summary>
    /// <param name="head">The query head.</param>
    /// <param name="queryPosition">Position of the query.</param>
    /// <param name="firstKey">Position of the first key.</param>
    /// <param name="scores">Scores of the keys at firstKey, firstKey + 1, ...; changed in place.</param>
    void BiasScores(int head, int queryPosition, int firstKey, Span<float> scores)
    {
    }
}
