using System.Numerics;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The logarithm of a sum of exponentials: log-probability of a token = its logit - this.</summary>
public static class LogSumExp
{
    /// <summary>ln Σ e^x[i], within 1e-6·max(1, |result|); the largest value is subtracted first and the sum is taken in double precision.</summary>
    /// <param name="x">[n].</param>
    /// <returns>Minus infinity of an empty row or one of nothing else; NaN if a value is NaN; plus infinity if one is that and none is NaN.</returns>
    public static double Compute(ReadOnlySpan<float> x)
    {
        float max = Maximum.Of(x);
        if (!float.IsFinite(max))
            return max;
        ref float start = ref MemoryMarshal.GetReference(x);
        Vector<float> shift = Vector.Create(max);
        Vector<double> low = default, high = default;
        nint width = Vector<float>.Count;
        nint length = x.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> e = Exp.Of(VectorMemory.Load(ref start, i) - shift);
            low += Vector.WidenLower(e);
            high += Vector.WidenUpper(e);
        }
        if (i < length)
        {
            Vector<float> e = Exp.Of(VectorMemory.LoadPart(ref start, i, length - i, float.NegativeInfinity) - shift);
            low += Vector.WidenLower(e);
            high += Vector.WidenUpper(e);
        }
        return max + Math.Log(Vector.Sum(low + high));
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision throughout.</summary>
    public static double Scalar(ReadOnlySpan<float> x)
    {
        float max = Maximum.Scalar(x);
        if (!float.IsFinite(max))
            return max;
        double sum = 0;
        foreach (float value in x)
            sum += Math.Exp((double)value - max);
        return max + Math.Log(sum);
    }
}
