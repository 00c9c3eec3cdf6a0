using System.Numerics;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>The Gaussian error linear unit, x·Φ(x), exact and in its tanh approximation.</summary>
/// <remarks>
/// D. Hendrycks, K. Gimpel: Gaussian Error Linear Units, arXiv:1606.08415. A checkpoint names the one it was
/// trained with: <c>gelu</c> is exact, <c>gelu_new</c>, <c>gelu_pytorch_tanh</c> and ggml's <c>gelu</c> are the
/// approximation; they differ by up to 5e-4. Of minus infinity both give NaN, as PyTorch does.
/// </remarks>
public static class Gelu
{
    private const float SqrtHalf = 0.707106781f;
    private const float TwoSqrtTwoOverPi = 1.59576912f;
    private const float Cubic = 0.044715f;

    /// <summary>y[i] = x[i]/2 · (1 + erf(x[i]/√2)), within 3e-7·max(1, |x|).</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Exact(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<ExactLanes>(x, y);

    /// <summary>y[i] = x[i]/2 · (1 + tanh(√(2/π)·(x[i] + 0.044715·x[i]³))), within 3e-7·max(1, |x|).</summary>
    /// <param name="x">[n].</param>
    /// <param name="y">[n]; may be the same memory as <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the rows overlap without being the same.</exception>
    public static void Tanh(ReadOnlySpan<float> x, Span<float> y) => Elementwise.Map<TanhLanes>(x, y);

    /// <summary>The scalar reference of <see cref="Exact"/>, in double precision.</summary>
    public static void ExactScalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] = (float)(x[i] * 0.5 * Erf.ComplementOf(-x[i] / Math.Sqrt(2)));
    }

    /// <summary>The scalar reference of <see cref="Tanh"/>, in double precision.</summary>
    public static void TanhScalar(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double v = x[i];
            y[i] = (float)(0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))));
        }
    }

    private readonly struct ExactLanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            // Φ(-|x|) first: on the negative side 1 + erf would cancel.
            Vector<float> half = Vector.Create(0.5f);
            Vector<float> tail = half * Erf.ComplementOf(Vector.Abs(x) * Vector.Create(SqrtHalf), half * x * x);
            return x * Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), tail, Vector<float>.One - tail);
        }
    }

    private readonly struct TanhLanes : IUnaryLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            // (1 + tanh u)/2 = 1/(1 + e^(-2u)): one exponential, and nothing cancels.
            Vector<float> u = x * Vector.Create(TwoSqrtTwoOverPi) * Vector.MultiplyAddEstimate(x * x, Vector.Create(Cubic), Vector<float>.One);
            return x / (Vector<float>.One + Exp.Of(-u));
        }
    }
}
