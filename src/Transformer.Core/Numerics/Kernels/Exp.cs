using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The exponential function of every value.</summary>
/// <remarks>
/// Within 2 units in the last place of the exact value, and within one step of 2^-149 where the result is
/// subnormal; 0 below -104, infinity above 88.73, NaN stays NaN. x = k·ln 2 + r with |r| ≤ ln 2 / 2; e^r by its
/// Taylor series to r^7 (the rest is below 6e-9); ln 2 is split in two so that k times its upper part is exact
/// (W. J. Cody, W. Waite: Software Manual for the Elementary Functions, 1980).
/// </remarks>
public static class Exp
{
    private const float LnTwoHigh = 0.693359375f; // 355/512: nine bits, so that k times it is exact
    private const float LnTwoLow = -2.12194440e-4f;
    private const float RoundingShift = 12582912f; // 1.5·2^23: the sum's last bit is worth one

    /// <summary>y[i] = e^x[i].</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Compute(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<Lanes>(x, y);

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)Math.Exp(x[i]);
    }

    /// <summary>e^x of every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> Of(Vector<float> x)
    {
        Vector<float> shifted = Vector.MultiplyAddEstimate(x, Vector.Create(1.44269504f), Vector.Create(RoundingShift));
        Vector<int> k = Vector.AsVectorInt32(shifted) - Vector.AsVectorInt32(Vector.Create(RoundingShift));
        Vector<float> n = shifted - Vector.Create(RoundingShift);
        Vector<float> r = Vector.MultiplyAddEstimate(n, Vector.Create(-LnTwoHigh), x);
        r = Vector.MultiplyAddEstimate(n, Vector.Create(-LnTwoLow), r);

        Vector<float> p = Vector.MultiplyAddEstimate(r, Vector.Create(1f / 5040), Vector.Create(1f / 720));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(1f / 120));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(1f / 24));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(1f / 6));
        p = Vector.MultiplyAddEstimate(p, r, Vector.Create(0.5f));
        p = Vector.MultiplyAddEstimate(p, r, Vector<float>.One);
        p = Vector.MultiplyAddEstimate(p, r, Vector<float>.One);

        // 2^k in two factors: k reaches from -150 to 128, one factor only from -126 to 127.
        Vector<int> half = Vector.ShiftRightArithmetic(k, 1);
        Vector<float> y = p * PowerOfTwo(half) * PowerOfTwo(k - half);

        // Far outside, k was meaningless. NaN fails both comparisons and has come through p.
        y = Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(-104f)), Vector<float>.Zero, y);
        return Vector.ConditionalSelect(Vector.GreaterThan(x, Vector.Create(89f)), Vector.Create(float.PositiveInfinity), y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> PowerOfTwo(Vector<int> k) => Vector.AsVectorSingle(Vector.ShiftLeft(k + Vector.Create(127), 23));

    private readonly struct Lanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x) => Exp.Of(x);
    }
}
