using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Shifts a row to mean 0, divides it by its standard deviation, then scales and shifts each value.</summary>
/// <remarks>
/// J. L. Ba, J. R. Kiros, G. E. Hinton: Layer Normalization, arXiv:1607.06450. The variance (of the population,
/// divided by n) is that of the differences from the mean, taken in a second pass and in double precision: the
/// mean of the squares minus the square of the mean would cancel.
/// </remarks>
public static class LayerNorm
{
    /// <summary>y[i] = (x[i] - mean) / √(variance + epsilon) · weight[i] + bias[i].</summary>
    /// <param name="x">[n].</param>
    /// <param name="weight">[n].</param>
    /// <param name="bias">[n], or empty for none.</param>
    /// <param name="epsilon">Added to the variance: what keeps a constant row finite.</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="x"/> and <paramref name="y"/> overlap without being the same.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        Validate(x, weight, bias, y);
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float gain = ref MemoryMarshal.GetReference(weight);
        ref float shift = ref MemoryMarshal.GetReference(bias);
        ref float target = ref MemoryMarshal.GetReference(y);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        double mean = Mean(x);
        double scale = 1 / Math.Sqrt(Variance(x, mean) + epsilon);

        Vector<double> means = Vector.Create(mean), scales = Vector.Create(scale);
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> value = VectorMemory.Load(ref source, i);
            Vector<double> low = (Vector.WidenLower(value) - means) * scales, high = (Vector.WidenUpper(value) - means) * scales;
            Vector<float> result = Vector.Narrow(low, high) * VectorMemory.Load(ref gain, i);
            if (!bias.IsEmpty)
                result += VectorMemory.Load(ref shift, i);
            VectorMemory.Store(result, ref target, i);
        }
        for (; i < length; i++)
        {
            float result = (float)((x[(int)i] - mean) * scale) * weight[(int)i];
            y[(int)i] = bias.IsEmpty ? result : result + bias[(int)i];
        }
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision throughout.</summary>
    /// <param name="x">[n].</param>
    /// <param name="weight">[n].</param>
    /// <param name="bias">[n], or empty for none.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">[n].</param>
    /// <exception cref="ArgumentException">As <see cref="Compute"/>.</exception>
    public static void Scalar(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, float epsilon, Span<float> y)
    {
        Validate(x, weight, bias, y);
        double mean = 0, variance = 0;
        foreach (float value in x)
            mean += value;
        mean /= x.Length;
        foreach (float value in x)
            variance += (value - mean) * (value - mean);
        double deviation = Math.Sqrt((variance / x.Length) + epsilon);
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)(((x[i] - mean) / deviation * weight[i]) + (bias.IsEmpty ? 0 : bias[i]));
    }

    private static double Mean(ReadOnlySpan<float> x)
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        nint width = Vector<float>.Count;
        Vector<double> low = default, high = default;
        nint i = 0;
        for (; i <= x.Length - width; i += width)
        {
            Vector<float> value = VectorMemory.Load(ref source, i);
            low += Vector.WidenLower(value);
            high += Vector.WidenUpper(value);
        }
        double sum = Vector.Sum(low + high);
        for (; i < x.Length; i++)
            sum += x[(int)i];
        return sum / x.Length;
    }

    private static double Variance(ReadOnlySpan<float> x, double mean)
    {
        ref float source = ref MemoryMarshal.GetReference(x);
        nint width = Vector<float>.Count;
        Vector<double> means = Vector.Create(mean), low = default, high = default;
        nint i = 0;
        for (; i <= x.Length - width; i += width)
        {
            Vector<float> value = VectorMemory.Load(ref source, i);
            Vector<double> l = Vector.WidenLower(value) - means, h = Vector.WidenUpper(value) - means;
            low += l * l;
            high += h * h;
        }
        double sum = Vector.Sum(low + high);
        for (; i < x.Length; i++)
            sum += (x[(int)i] - mean) * (x[(int)i] - mean);
        return sum / x.Length;
    }

    private static void Validate(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, ReadOnlySpan<float> y)
    {
        if (weight.Length != x.Length)
            throw new ArgumentException($"Lengths differ: {x.Length} values and {weight.Length} weights.", nameof(weight));
        if (!bias.IsEmpty && bias.Length != x.Length)
            throw new ArgumentException($"Lengths differ: {x.Length} values and {bias.Length} biases.", nameof(bias));
        Elementwise.Validate(x, y);
    }
}
