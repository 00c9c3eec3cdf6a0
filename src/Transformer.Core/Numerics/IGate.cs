namespace Transformer.Core.Numerics;

/// <summary>Joins the two halves of a gated map, value by value.</summary>
internal interface IGate
{
    /// <summary>gate[i] = f(gate[i], up[i]).</summary>
    /// <param name="gate">[n], changed in place.</param>
    /// <param name="up">[n].</param>
    void Apply(Span<float> gate, ReadOnlySpan<float> up);
}
