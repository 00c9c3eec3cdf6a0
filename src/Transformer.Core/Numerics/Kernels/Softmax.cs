using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Turns a row of scores into weights that sum to one.</summary>
/// <remarks>
/// The largest score is subtracted first, so that no score is too large. A score of minus infinity (masked) gets
/// the weight 0, and a row of nothing else gets zeros, not NaN: a query that may see no key takes nothing.
/// NaN or plus infinity anywhere makes the whole row NaN.
/// </remarks>
public static class Softmax
{
    /// <summary>row[i] = e^row[i] / Σ e^row[j], the sum taken in double precision.</summary>
    /// <remarks>Relative error at most 3e-7, plus 6e-8 times the score's distance from the largest: the subtraction is rounded to a float.</remarks>
    /// <param name="row">[n], replaced; may be empty.</param>
    public static void Compute(Span<float> row) => Compute(row, float.NegativeInfinity);

    /// <summary>
    /// row[i] = e^row[i] / (e^sink + Σ e^row[j]): the sink takes its share and goes nowhere, so the weights may sum to less
    /// than one (attention sinks, Xiao et al. 2023, arXiv:2309.17453).
    /// </summary>
    /// <param name="row">[n], replaced; may be empty.</param>
    /// <param name="sink">A score that takes part in the sum only; minus infinity: none.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(Span<float> row, float sink)
    {
        float max = MathF.Max(Maximum.Of(row), sink);
        if (float.IsNegativeInfinity(max))
        {
            row.Clear();
            return;
        }

        ref float start = ref MemoryMarshal.GetReference(row);
        Vector<float> shift = Vector.Create(max);
        Vector<double> low = default, high = default;
        nint width = Vector<float>.Count;
        nint length = row.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> e = Exp.Of(VectorMemory.Load(ref start, i) - shift);
            VectorMemory.Store(e, ref start, i);
            low += Vector.WidenLower(e);
            high += Vector.WidenUpper(e);
        }
        if (i < length)
        {
            Vector<float> e = Exp.Of(VectorMemory.LoadPart(ref start, i, length - i, float.NegativeInfinity) - shift);
            VectorMemory.StorePart(e, ref start, i, length - i);
            low += Vector.WidenLower(e);
            high += Vector.WidenUpper(e);
        }
        Scale((float)(1 / (Vector.Sum(low + high) + Math.Exp((double)sink - max))), row);
    }

    /// <summary>The scalar reference of <see cref="Compute(Span{float}, float)"/>, in double precision.</summary>
    public static void Scalar(Span<float> row, float sink = float.NegativeInfinity)
    {
        float max = MathF.Max(Maximum.Scalar(row), sink);
        if (float.IsNegativeInfinity(max))
        {
            row.Clear();
            return;
        }
        double sum = Math.Exp((double)sink - max);
        foreach (float value in row)
            sum += Math.Exp((double)value - max);
        for (int i = 0; i < row.Length; i++)
            row[i] = (float)(Math.Exp((double)row[i] - max) / sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float factor, Span<float> row)
    {
        ref float start = ref MemoryMarshal.GetReference(row);
        nint width = Vector<float>.Count;
        nint length = row.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            VectorMemory.Store(VectorMemory.Load(ref start, i) * factor, ref start, i);
        for (; i < length; i++)
            row[(int)i] *= factor;
    }
}
