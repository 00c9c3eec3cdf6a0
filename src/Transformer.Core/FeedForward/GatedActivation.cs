using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.FeedForward;

/// <summary>How a gated feed-forward joins the two halves that it computes of a row: the gate and what it gates.</summary>
public abstract class GatedActivation
{
    private GatedActivation()
    {
    }

    /// <summary>silu(gate)·up (Shazeer 2020, arXiv:2002.05202).</summary>
    public static GatedActivation SwiGlu { get; } = Of(ActivationFunction.Silu);

    /// <summary>function(gate)·up.</summary>
    public static GatedActivation Of(ActivationFunction function) => new Unclamped(function);

    /// <summary>
    /// gate·σ(alpha·gate)·(up + 1), the gate cut off above <paramref name="limit"/> and up on both sides: gpt-oss
    /// (arXiv:2508.10925) with 1.702 and 7.
    /// </summary>
    /// <param name="alpha">Steepness of the sigmoid.</param>
    /// <param name="limit">Largest magnitude.</param>
    /// <exception cref="ArgumentException">One of them is no finite number above 0.</exception>
    public static GatedActivation ClampedSwiGlu(double alpha = 1.702, double limit = 7) => alpha is > 0 and < float.MaxValue && limit is > 0 and < float.MaxValue
        ? new Clamped((float)alpha, (float)limit)
        : throw new ArgumentException($"ClampedSwiGlu: expected finite numbers above 0, found alpha {alpha} and limit {limit}.");

    /// <summary>The same for <see cref="Transformer.Core.Weights.Linear"/>.</summary>
    internal Joining Gate => new(this);

    /// <summary>Replaces a row's gate by the joined values.</summary>
    private protected abstract void Apply(Span<float> gate, ReadOnlySpan<float> up);

    private sealed class Unclamped(ActivationFunction function) : GatedActivation
    {
        private protected override void Apply(Span<float> gate, ReadOnlySpan<float> up)
        {
            function.Apply(gate);
            Multiply.Compute(up, gate);
        }
    }

    private sealed class Clamped(float alpha, float limit) : GatedActivation
    {
        private protected override void Apply(Span<float> gate, ReadOnlySpan<float> up)
        {
            // g·σ(a·g) is silu(a·g) / a
            TensorPrimitives.Min(gate, limit, gate);
            TensorPrimitives.Multiply(gate, alpha, gate);
            Silu.Compute(gate, gate);
            TensorPrimitives.Multiply(gate, 1 / alpha, gate);
            Span<float> some = stackalloc float[256];
            for (int start = 0; start < gate.Length; start += some.Length)
            {
                Span<float> piece = gate[start..Math.Min(start + some.Length, gate.Length)];
                Span<float> factors = some[..piece.Length];
                TensorPrimitives.Clamp(up.Slice(start, piece.Length), -limit, limit, factors);
                TensorPrimitives.Add(factors, 1f, factors);
                Multiply.Compute(factors, piece);
            }
        }
    }

    internal readonly struct Joining(GatedActivation activation) : IGate
    {
        public void Apply(Span<float> gate, ReadOnlySpan<float> up) => activation.Apply(gate, up);
    }
}
