using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Adds a multiple of one row to another: the weighted sum of values in attention.</summary>
public static class ScaledAdd
{
    /// <summary>y[i] += scale·x[i], rounded once where the processor fuses the two, otherwise twice.</summary>
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
            VectorMemory.Store(Vector.MultiplyAddEstimate(factor, VectorMemory.Load(ref source, i), VectorMemory.Load(ref target, i)), ref target, i);
        if (i < length)
        {
            nint rest = length - i;
            Vector<float> last = Vector.MultiplyAddEstimate(factor, VectorMemory.LoadPart(ref source, i, rest, 0), VectorMemory.LoadPart(ref target, i, rest, 0));
            VectorMemory.StorePart(last, ref target, i, rest);
        }
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)(((double)scale * x[i]) + y[i]);
    }
}
