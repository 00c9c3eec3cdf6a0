using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The rectified linear unit: max(x, 0). NaN stays NaN.</summary>
public static class Relu
{
    /// <summary>y[i] = max(x[i], 0), exactly.</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Compute(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<Lanes>(x, y);

    /// <summary>The scalar reference of <see cref="Compute"/>.</summary>
    public static void Scalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = MathF.Max(x[i], 0);
    }

    private readonly struct Lanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x) => Vector.Max(x, Vector<float>.Zero);
    }
}
