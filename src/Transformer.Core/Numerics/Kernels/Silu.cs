using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The sigmoid linear unit (swish): x·σ(x) = x / (1 + e^(-x)).</summary>
/// <remarks>P. Ramachandran, B. Zoph, Q. V. Le: Searching for Activation Functions, arXiv:1710.05941. Of minus infinity it gives NaN, as PyTorch does.</remarks>
public static class Silu
{
    /// <summary>y[i] = x[i] / (1 + e^(-x[i])), within 3e-7·max(1, |x|).</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Compute(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<Lanes>(x, y);

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)(x[i] / (1 + Math.Exp(-(double)x[i])));
    }

    private readonly struct Lanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x) => x / (Vector<float>.One + Exp.Of(-x));
    }
}
