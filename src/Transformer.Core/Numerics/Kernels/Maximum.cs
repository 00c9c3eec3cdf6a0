using System.Numerics;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The largest value of a row.</summary>
public static class Maximum
{
    /// <summary>The largest value; NaN if there is one; minus infinity of an empty row.</summary>
    /// <param name="row">[n].</param>
    public static float Of(ReadOnlySpan<float> row)
    {
        ref float start = ref MemoryMarshal.GetReference(row);
        Vector<float> best = Vector.Create(float.NegativeInfinity);
        nint width = Vector<float>.Count;
        nint length = row.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            best = Vector.Max(best, VectorMemory.Load(ref start, i));
        float max = float.NegativeInfinity;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            max = MathF.Max(max, best[lane]);
        for (; i < length; i++)
            max = MathF.Max(max, row[(int)i]);
        return max;
    }

    /// <summary>The scalar reference of <see cref="Of"/>: the same value.</summary>
    public static float Scalar(ReadOnlySpan<float> row)
    {
        float max = float.NegativeInfinity;
        foreach (float value in row)
            max = MathF.Max(max, value);
        return max;
    }
}
