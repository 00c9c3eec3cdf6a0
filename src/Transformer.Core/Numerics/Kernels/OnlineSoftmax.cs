using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>
/// A softmax that goes on from piece to piece of a row, so that the row need never be whole: weights are relative to
/// the largest score so far, and what was summed before shrinks when a larger one comes (Milakov and Gimelshein 2018,
/// arXiv:1805.02867).
/// </summary>
/// <remarks>Within 3e-7 of the exact weights, plus what <see cref="Softmax"/> says of the subtraction; weights below 1e-37 may become 0. NaN spoils the total.</remarks>
internal static unsafe class OnlineSoftmax
{
    // Below this, e^x is no normal float.
    private const float Smallest = -87;

    /// <summary>row[i] = e^(row[i] − largest), for the largest score so far.</summary>
    /// <param name="row">[n] the next scores, replaced; may be empty.</param>
    /// <param name="largest">The largest score so far; minus infinity at the beginning.</param>
    /// <param name="total">The sum of the weights so far; 0 at the beginning.</param>
    /// <returns>The factor by which weights computed before must be multiplied; at most 1.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Advance(Span<float> row, ref float largest, ref float total)
    {
        float before = largest;
        fixed (float* scores = row)
        {
            float max = MathF.Max(before, Vector512.IsHardwareAccelerated ? Largest512(scores, row.Length) : Maximum.Of(row));
            if (float.IsNegativeInfinity(max))
            {
                row.Clear();
                return 1;
            }
            float factor = before == max ? 1 : MathF.Exp(before - max);
            float sum = Vector512.IsHardwareAccelerated ? Exp512(scores, row.Length, max) : ExpAny(row, max);
            largest = max;
            total = (total * factor) + sum;
            return factor;
        }
    }

    /// <summary>The scalar reference of <see cref="Advance"/>, in double precision.</summary>
    public static float Scalar(Span<float> row, ref float largest, ref float total)
    {
        float before = largest;
        float max = MathF.Max(before, Maximum.Scalar(row));
        if (float.IsNegativeInfinity(max))
        {
            row.Clear();
            return 1;
        }
        double factor = Math.Exp((double)before - max), sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            double weight = Math.Exp((double)row[i] - max);
            row[i] = (float)weight;
            sum += weight;
        }
        largest = max;
        total = (float)((total * factor) + sum);
        return (float)factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Largest512(float* row, int length)
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        int i = 0;
        for (; i <= length - 16; i += 16)
            best = Vector512.MaxNative(best, Vector512.Load(row + i));
        Vector256<float> eight = Vector256.Max(best.GetLower(), best.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        float max = MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
        for (; i < length; i++)
            max = MathF.Max(max, row[i]);
        return max;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exp512(float* row, int length, float max)
    {
        Vector512<float> shift = Vector512.Create(max), sum = default;
        int i = 0;
        for (; i <= length - 16; i += 16)
        {
            Vector512<float> e = OfNegative(Vector512.Load(row + i) - shift);
            e.Store(row + i);
            sum += e;
        }
        if (i < length)
        {
            float* rest = stackalloc float[16];
            Vector512.Create(float.NegativeInfinity).Store(rest);
            for (int k = i; k < length; k++)
                rest[k - i] = row[k];
            Vector512<float> e = OfNegative(Vector512.Load(rest) - shift);
            e.Store(rest);
            sum += e;
            for (int k = i; k < length; k++)
                row[k] = rest[k - i];
        }
        return Vector512.Sum(sum);
    }

    /// <summary>e^x for x not above 0, as <see cref="Exp"/> computes it; here 2^k is one addition to the exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> OfNegative(Vector512<float> x)
    {
        Vector512<float> rounding = Vector512.Create(12582912f); // 1.5·2^23: the sum's last bit is worth one
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), rounding);
        Vector512<float> n = shifted - rounding;
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        Vector512<float> p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1f / 5040), Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        Vector512<float> y = (p.AsInt32() + Vector512.ShiftLeft(shifted.AsInt32(), 23)).AsSingle();
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Smallest)), Vector512<float>.Zero, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ExpAny(Span<float> row, float max)
    {
        ref float start = ref MemoryMarshal.GetReference(row);
        Vector<float> shift = Vector.Create(max), sum = default;
        nint width = Vector<float>.Count;
        nint length = row.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> e = Exp.Of(VectorMemory.Load(ref start, i) - shift);
            VectorMemory.Store(e, ref start, i);
            sum += e;
        }
        if (i < length)
        {
            Vector<float> e = Exp.Of(VectorMemory.LoadPart(ref start, i, length - i, float.NegativeInfinity) - shift);
            VectorMemory.StorePart(e, ref start, i, length - i);
            sum += e;
        }
        return Vector.Sum(sum);
    }
}
