namespace Transformer.Core.Testing;

/// <summary>What a component is checked for. Each kind of component is checked for those that concern it.</summary>
[Flags]
public enum ConformanceRules
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Takes any number of rows, writes every value of its output and nothing else; values are finite.</summary>
    Shapes = 1 << 0,

    /// <summary>The same input gives the same output, whatever was computed before: nothing but weights is in the component.</summary>
    Stateless = 1 << 1,

    /// <summary>The output depends on the input: a component, or a method of it, that is never called does nothing.</summary>
    Effect = 1 << 2,

    /// <summary>A later token never changes an earlier row; a component that works row by row is changed by no other row.</summary>
    Causality = 1 << 3,

    /// <summary>A prompt in one pass gives what its tokens give one by one.</summary>
    Stepwise = 1 << 4,

    /// <summary>Sequences that share a pass get what each gets alone.</summary>
    Batch = 1 << 5,

    /// <summary>The state keeps its promises: length, truncate and redo, what can always be truncated, settled lengths.</summary>
    State = 1 << 6,

    /// <summary>A fork and its original go on independently.</summary>
    Fork = 1 << 7,

    /// <summary>A saved state, loaded, goes on where it was, and reads no more of the stream than it wrote.</summary>
    SaveLoad = 1 << 8,

    /// <summary>Results are the same bits for any number of threads.</summary>
    ThreadCount = 1 << 9,

    /// <summary>Two threads may use the component at once.</summary>
    TwoThreads = 1 << 10,

    /// <summary>A decoded token allocates nothing on the managed heap.</summary>
    Allocation = 1 << 11,

    /// <summary>A vectorized kernel computes what its scalar twin does, at any length and alignment.</summary>
    ScalarTwin = 1 << 12,

    /// <summary>All of them.</summary>
    All = (1 << 13) - 1,
}
