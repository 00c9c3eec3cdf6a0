using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Multiplies a row by a number: queries before attention, and its sums after it.</summary>
internal static class Scale
{
    /// <summary>y[i] = scale·x[i], exactly rounded.</summary>
    /// <param name="scale">The factor.</param>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        Elementwise.Validate(x, y);
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        Vector<float> factor = Vector.Create(scale);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            VectorMemory.Store(factor * VectorMemory.Load(ref source, i), ref target, i);
        if (i < length)
            VectorMemory.StorePart(factor * VectorMemory.LoadPart(ref source, i, length - i, 0), ref target, i, length - i);
    }

    /// <summary>The scalar reference of <see cref="Compute"/>: the same bits.</summary>
    public static void Scalar(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = scale * x[i];
    }
}
