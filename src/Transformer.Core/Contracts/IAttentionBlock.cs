using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// Lets the rows of a sequence read earlier rows (or whatever else mixes tokens: a recurrence, a convolution).
/// Owns weights only; what it must remember of a sequence is the state that it makes. Immutable and thread-safe.
/// </summary>
public interface IAttentionBlock
{
    /// <summary>Makes what this layer must remember of one sequence, or null if it remembers nothing.</summary>
    /// <param name="capacity">Most tokens the sequence will hold.</param>
    ISequenceState? CreateState(int capacity);

    /// <summary>Bytes that a state takes once it remembers <paramref name="length"/> tokens, for descriptions; 0 if unknown.</summary>
    long StateBytes(int length) => 0;

    /// <summary>
    /// Computes new rows of one or more sequences and adds them to their states
    /// (<see cref="ForwardContext.State"/>). A row must depend on rows of its own sequence up to itself only.
    /// </summary>
    /// <param name="x">[n, hidden].</param>
    /// <param name="y">[n, hidden], overwritten; does not overlap x.</param>
    /// <param name="context">Positions, sequences and their states, scratch memory, threads, observer.</param>
    void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context);
}
