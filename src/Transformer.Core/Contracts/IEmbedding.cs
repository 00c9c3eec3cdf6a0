using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>Turns token ids into vectors. Immutable and thread-safe.</summary>
public interface IEmbedding
{
    /// <summary>Writes one row for each id.</summary>
    /// <param name="tokenIds">[n] ids, each checked to be in the vocabulary.</param>
    /// <param name="hidden">[n, hidden], overwritten.</param>
    void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden);
}
