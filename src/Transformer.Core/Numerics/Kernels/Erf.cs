using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The error function of every value: erf(x) = 2/√π · ∫₀ˣ e^(-t²) dt.</summary>
/// <remarks>
/// Absolute error at most 2.5e-7. erfc(z) = t·P(t)·e^(-z²) with t = 1/(1 + z/2) maps all z ≥ 0 to (0, 1];
/// P, of degree 10, interpolates at the Chebyshev nodes and is within 3e-8 of the exact quotient, relatively, so
/// the tail keeps its relative accuracy. Near zero, where 1 - erfc would lose it, the Taylor series is used
/// (M. Abramowitz, I. Stegun: Handbook of Mathematical Functions, 7.1.5).
/// </remarks>
public static class Erf
{
    /// <summary>y[i] = erf(x[i]).</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Compute(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<Lanes>(x, y);

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)Of(x[i]);
    }

    /// <summary>erf(x) to about 1e-15.</summary>
    internal static double Of(double x) => Math.Abs(x) < 2.5 ? Series(x) : x < 0 ? Fraction(-x) - 1 : 1 - Fraction(x);

    /// <summary>erfc(x) = 1 - erf(x), relatively to about 1e-12.</summary>
    internal static double ComplementOf(double x) => Math.Abs(x) < 2.5 ? 1 - Series(x) : x < 0 ? 2 - Fraction(-x) : Fraction(x);

    /// <summary>erf(x) of every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> Of(Vector<float> x)
    {
        Vector<float> z = Vector.Abs(x);
        Vector<float> square = x * x;
        Vector<float> far = Vector.CopySign(Vector<float>.One - ComplementOf(z, square), x);

        // 2/√π · x · Σ (-x²)^n / (n!·(2n + 1)): below 0.5 the first term left out is under 3e-9.
        Vector<float> near = Vector.MultiplyAddEstimate(square, Vector.Create(1f / 9360), Vector.Create(-1f / 1320));
        near = Vector.MultiplyAddEstimate(near, square, Vector.Create(1f / 216));
        near = Vector.MultiplyAddEstimate(near, square, Vector.Create(-1f / 42));
        near = Vector.MultiplyAddEstimate(near, square, Vector.Create(1f / 10));
        near = Vector.MultiplyAddEstimate(near, square, Vector.Create(-1f / 3));
        near = Vector.MultiplyAddEstimate(near, square, Vector<float>.One);
        near *= x * Vector.Create(1.12837917f);
        return Vector.ConditionalSelect(Vector.LessThan(z, Vector.Create(0.5f)), near, far);
    }

    /// <summary>erfc(z) of every lane.</summary>
    /// <param name="z">Not negative.</param>
    /// <param name="square">z², given apart because a caller may know it more exactly.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<float> ComplementOf(Vector<float> z, Vector<float> square)
    {
        Vector<float> t = Vector<float>.One / Vector.MultiplyAddEstimate(z, Vector.Create(0.5f), Vector<float>.One);
        Vector<float> p = Vector.MultiplyAddEstimate(t, Vector.Create(0.0453513366236f), Vector.Create(-0.245580036275f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.516899540102f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(-0.482474760515f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.151885179629f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(-0.0679582753137f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.0958271993932f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.174948596315f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.246913561218f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.282092867335f));
        p = Vector.MultiplyAddEstimate(p, t, Vector.Create(0.282094799651f));
        return p * t * Exp.Of(-square);
    }

    /// <summary>Handbook 7.1.6: all terms have one sign, so nothing cancels.</summary>
    private static double Series(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>erfc by the continued fraction, Handbook 7.1.14, from the inside out; 100 levels are ample from 2.5 on.</summary>
    private static double Fraction(double x)
    {
        double fraction = x;
        for (int k = 100; k > 0; k--)
            fraction = x + (k / 2.0 / fraction);
        return double.IsNaN(x) ? x : Math.Exp(-x * x) / (fraction * Math.Sqrt(Math.PI));
    }

    private readonly struct Lanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x) => Erf.Of(x);
    }
}
