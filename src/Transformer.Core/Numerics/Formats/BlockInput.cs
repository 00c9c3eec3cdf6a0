using System.Buffers.Binary;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The values that an encoder works with.</summary>
internal static class BlockInput
{
    private const float LargestHalf = 65504;

    /// <summary>Copies a block; NaN becomes 0, and what passes the largest half ±65504, infinity included, becomes that.</summary>
    public static void Copy(ReadOnlySpan<float> values, Span<float> block)
    {
        for (int i = 0; i < block.Length; i++)
            block[i] = float.IsNaN(values[i]) ? 0 : Math.Clamp(values[i], -LargestHalf, LargestHalf);
    }

    /// <summary>A scale as it will be read back; writes its bits.</summary>
    public static float StoreHalf(Span<byte> bytes, float value)
    {
        Half half = (Half)Math.Clamp(value, -LargestHalf, LargestHalf);
        BinaryPrimitives.WriteHalfLittleEndian(bytes, half);
        return (float)half;
    }

    /// <summary>The lowest value, and the step with which so many levels reach the highest.</summary>
    public static (float Scale, float Low) Range(ReadOnlySpan<float> block, int levels)
    {
        float low = block[0], high = block[0];
        foreach (float value in block)
        {
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        return ((high - low) / levels, low);
    }

    /// <summary>0, 1 or 2 for what is next to -1, 0 or 1; half-way away from zero.</summary>
    public static int Ternary(float value) => (int)MathF.Round(value, MidpointRounding.AwayFromZero) + 1;
}
