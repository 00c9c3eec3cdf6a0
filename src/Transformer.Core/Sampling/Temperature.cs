using System.Numerics.Tensors;

namespace Transformer.Core.Sampling;

/// <summary>Divides the logits: below 1 sharpens the distribution, above 1 flattens it.</summary>
public sealed class Temperature : ILogitsProcessor
{
    // Quotients by less would pass the largest float; long before that the most probable token is certain.
    private const float Smallest = 1e-30f;

    private readonly float _value;

    /// <summary>A temperature.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is not a finite number above 0.</exception>
    public Temperature(double value)
    {
        if (!(value > 0) || !double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "Temperature: expected a finite number above 0.");
        _value = Math.Max((float)value, Smallest);
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds) => TensorPrimitives.Divide(logits, _value, logits);
}
