using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Divides a row by its root mean square and scales each value by its weight.</summary>
/// <remarks>
/// B. Zhang, R. Sennrich: Root Mean Square Layer Normalization, arXiv:1910.07467. The squares are summed in
/// double precision, where the square of no float overflows or vanishes.
/// </remarks>
public static class RmsNorm
{
    /// <summary>y[i] = x[i] / √(mean of x² + epsilon) · weight[i].</summary>
    /// <param name="x">[n].</param>
    /// <param name="weight">[n].</param>
    /// <param name="epsilon">Added to the mean square: what keeps a row of zeros zero.</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="x"/> and <paramref name="y"/> overlap without being the same.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y)
    {
        Validate(x, weight, y);
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float gain = ref MemoryMarshal.GetReference(weight);
        ref float target = ref MemoryMarshal.GetReference(y);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        Vector<double> low = default, high = default;
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> value = VectorMemory.Load(ref source, i);
            Vector<double> l = Vector.WidenLower(value), h = Vector.WidenUpper(value);
            low += l * l;
            high += h * h;
        }
        double squares = Vector.Sum(low + high);
        for (; i < length; i++)
            squares += (double)x[(int)i] * x[(int)i];

        float scale = (float)(1 / Math.Sqrt((squares / length) + epsilon));
        Vector<float> scales = Vector.Create(scale);
        for (i = 0; i <= length - width; i += width)
            VectorMemory.Store(VectorMemory.Load(ref source, i) * scales * VectorMemory.Load(ref gain, i), ref target, i);
        for (; i < length; i++)
            y[(int)i] = x[(int)i] * scale * weight[(int)i];
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision throughout.</summary>
    /// <param name="x">[n].</param>
    /// <param name="weight">[n].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="y">[n].</param>
    /// <exception cref="ArgumentException">As <see cref="Compute"/>.</exception>
    public static void Scalar(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float epsilon, Span<float> y)
    {
        Validate(x, weight, y);
        double squares = 0;
        foreach (float value in x)
            squares += (double)value * value;
        double root = Math.Sqrt((squares / x.Length) + epsilon);
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)(x[i] / root * weight[i]);
    }

    private static void Validate(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> y)
    {
        if (weight.Length != x.Length)
            throw new ArgumentException($"Lengths differ: {x.Length} values and {weight.Length} weights.", nameof(weight));
        Elementwise.Validate(x, y);
    }
}
