using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>Sees, and may change, the values that flow through a model. Called on the thread of the forward pass.</summary>
public interface IActivationObserver
{
    /// <summary>
    /// Whether a point is wanted. Asked before values are gathered for the observer alone
    /// (attention scores and patterns are kept only if wanted). Must not allocate.
    /// </summary>
    /// <param name="layer">The layer, from 0; -1 outside the layers.</param>
    /// <param name="point">The point within it, such as <c>attention.scores</c>.</param>
    bool Wants(int layer, string point);

    /// <summary>Called with the values of a point that is wanted; the model goes on with whatever they are afterwards.</summary>
    void Observe(in Activation activation);
}

/// <summary>Values at a named point of a forward pass.</summary>
/// <param name="layer">The layer, or -1.</param>
/// <param name="point">The point.</param>
/// <param name="values">The values.</param>
/// <param name="heads">Heads the values are split in.</param>
public readonly ref struct Activation(int layer, string point, MatrixSpan values, int heads)
{
    /// <summary>The layer, from 0; -1 outside the layers.</summary>
    public int Layer { get; } = layer;

    /// <summary>The point within the layer, such as <c>attention.scores</c>.</summary>
    public string Point { get; } = point;

    /// <summary>
    /// [rows, features]; for scores and patterns [heads x queries, keys], head after head. Written values are used.
    /// </summary>
    public MatrixSpan Values { get; } = values;

    /// <summary>Heads that the rows (scores, patterns) or columns (q, k, v, z) are split in; 1 where there are none.</summary>
    public int Heads { get; } = heads;

    /// <summary>The full name, such as <c>layers.3.attention.scores</c>. Allocates.</summary>
    public string Name => Layer < 0 ? Point : $"layers.{Layer}.{Point}";
}
