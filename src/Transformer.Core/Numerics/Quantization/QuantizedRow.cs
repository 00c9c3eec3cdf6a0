using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Quantization;

/// <summary>One token's activations as integers, for products with one row of weights at a time.</summary>
/// <remarks>Pointers, because the loops over rows take them apart; valid while the memory behind them is held.</remarks>
internal readonly unsafe struct QuantizedRow
{
    /// <summary>
    /// What scales are multiplied with before and products after: half-precision scales of weights are read as floats
    /// without correcting their exponent, which makes them 2^112 times too small, and half of that goes either way.
    /// </summary>
    public const float HalfwayScale = 7.205759403792794e16f; // 2^56

    /// <summary>[blocks x 32] signed integers, of 8 or 16 bits.</summary>
    public required byte* Quants { get; init; }

    /// <summary>[blocks] scales.</summary>
    public required float* Scales { get; init; }

    /// <summary>[blocks] -scale x sum of the block's integers: what an offset or a minimum of weights is multiplied with; 8-bit rows only.</summary>
    public required float* NegatedTotals { get; init; }

    /// <summary>[blocks x 2] the same for each half of a block; 8-bit rows only.</summary>
    public required float* NegatedHalfTotals { get; init; }

    /// <summary>Each block's scale x <see cref="HalfwayScale"/>: [blocks x 8] in 8-bit rows, eight times the same, [blocks] in 16-bit rows.</summary>
    public required float* HalfwayScales { get; init; }

    /// <summary>[blocks x 8] each block's negated sum, eight times; 8-bit rows only.</summary>
    public required int* NegatedSums { get; init; }

    /// <summary>[blocks] each block's negated sum times eight, what the offset of Q4_0 takes off; 8-bit rows only.</summary>
    public required int* NegatedEights { get; init; }

    /// <summary>The row some bytes further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public QuantizedRow Behind(nint bytes) => new()
    {
        Quants = Quants + bytes,
        Scales = (float*)((byte*)Scales + bytes),
        NegatedTotals = (float*)((byte*)NegatedTotals + bytes),
        NegatedHalfTotals = (float*)((byte*)NegatedHalfTotals + bytes),
        HalfwayScales = (float*)((byte*)HalfwayScales + bytes),
        NegatedSums = (int*)((byte*)NegatedSums + bytes),
        NegatedEights = (int*)((byte*)NegatedEights + bytes),
    };
}
