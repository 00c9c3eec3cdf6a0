using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The sum of the products of two rows.</summary>
/// <remarks>
/// The order of summation depends on the length and the vector width only, never on alignment, so the same input
/// gives the same bits. A processor without a fused multiply-add rounds the products too, because emulating one
/// would take a library call for each value.
/// </remarks>
public static class DotProduct
{
    /// <summary>Σ a[i]·b[i] over the length of <paramref name="a"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Compute(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Lengths differ: {a.Length} and {b.Length}.", nameof(b));
        ref float left = ref MemoryMarshal.GetReference(a);
        ref float right = ref MemoryMarshal.GetReference(b);
        nint width = Vector<float>.Count;
        nint length = a.Length;
        nint i = 0;

        // Four sums hide the latency of the multiply-add.
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= length - (4 * width); i += 4 * width)
        {
            s0 = Vector.MultiplyAddEstimate(VectorMemory.Load(ref left, i), VectorMemory.Load(ref right, i), s0);
            s1 = Vector.MultiplyAddEstimate(VectorMemory.Load(ref left, i + width), VectorMemory.Load(ref right, i + width), s1);
            s2 = Vector.MultiplyAddEstimate(VectorMemory.Load(ref left, i + (2 * width)), VectorMemory.Load(ref right, i + (2 * width)), s2);
            s3 = Vector.MultiplyAddEstimate(VectorMemory.Load(ref left, i + (3 * width)), VectorMemory.Load(ref right, i + (3 * width)), s3);
        }
        for (; i <= length - width; i += width)
            s0 = Vector.MultiplyAddEstimate(VectorMemory.Load(ref left, i), VectorMemory.Load(ref right, i), s0);
        float sum = Vector.Sum((s0 + s1) + (s2 + s3));
        for (; i < length; i++)
            sum += Unsafe.Add(ref left, i) * Unsafe.Add(ref right, i);
        return sum;
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, summed in double precision.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Scalar(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"Lengths differ: {a.Length} and {b.Length}.", nameof(b));
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return (float)sum;
    }
}
