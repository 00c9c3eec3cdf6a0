using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Adds one row to another: residual connections and biases.</summary>
public static class Add
{
    /// <summary>y[i] += x[i], exactly rounded.</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Compute(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Update<Lanes>(x, y);

    /// <summary>The scalar reference of <see cref="Compute"/>: the same bits.</summary>
    public static void Scalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] += x[i];
    }

    private readonly struct Lanes : IBinaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => y + x;
    }
}
