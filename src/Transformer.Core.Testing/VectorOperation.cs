namespace Transformer.Core.Testing;

/// <summary>A kernel that computes <paramref name="y"/> from <paramref name="x"/>, of the same length.</summary>
/// <param name="x">Read.</param>
/// <param name="y">Overwritten.</param>
public delegate void VectorOperation(ReadOnlySpan<float> x, Span<float> y);
