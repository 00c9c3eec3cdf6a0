namespace Transformer.Core;

/// <summary>The rows of a forward pass that belong to one sequence, in the order of their positions.</summary>
/// <param name="start">First row.</param>
/// <param name="count">Number of rows.</param>
/// <param name="states">The sequence's state for each layer; null where a layer keeps none.</param>
public readonly struct SequenceRows(int start, int count, ISequenceState?[] states)
{
    /// <summary>First row.</summary>
    public int Start { get; } = start;

    /// <summary>Number of rows.</summary>
    public int Count { get; } = count;

    internal ISequenceState?[] States { get; } = states;
}
