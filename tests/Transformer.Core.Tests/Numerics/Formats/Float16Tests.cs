using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Formats;

[Trait("Category", "Kernels")]
public class Float16Tests : FormatTests<Float16>
{
    protected override double Precision => 1.0 / 2048;

    /// <summary>Computed from the definition of the format, not by the runtime's conversion.</summary>
    [Fact]
    public void Every_bit_pattern_decodes_to_the_value_that_the_standard_gives_it()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        float[] vectorized = new float[65536], scalar = new float[65536];
        Float16.Decode(MemoryMarshal.AsBytes<ushort>(bits), vectorized);
        Float16.DecodeScalar(MemoryMarshal.AsBytes<ushort>(bits), scalar);
        KernelCheck.SameBits(vectorized, scalar);
        for (int i = 0; i < 65536; i++)
        {
            int exponent = (i >> 10) & 31, fraction = i & 1023;
            double magnitude = exponent switch
            {
                0 => fraction * Math.Pow(2, -24),
                31 => fraction == 0 ? double.PositiveInfinity : double.NaN,
                _ => (1024 + fraction) * Math.Pow(2, exponent - 25),
            };
            float expected = (float)(i >= 32768 ? -magnitude : magnitude);
            bool same = float.IsNaN(expected) ? float.IsNaN(vectorized[i]) : vectorized[i] == expected && float.IsNegative(vectorized[i]) == i >= 32768;
            same.Should().BeTrue($"{i:x4} is {expected}, not {vectorized[i]}");
        }
    }

    [Fact]
    public void Every_number_survives_decoding_and_encoding()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Where(i => (i & 0x7FFF) <= 0x7C00).Select(i => (ushort)i)];
        float[] values = new float[bits.Length];
        byte[] back = new byte[2 * bits.Length];
        Float16.Decode(MemoryMarshal.AsBytes<ushort>(bits), values);
        Float16.Encode(values, back);
        MemoryMarshal.Cast<byte, ushort>(back).SequenceEqual(bits).Should().BeTrue();
    }

    [Theory]
    [InlineData(1f, 0x3C00)]
    [InlineData(-2f, 0xC000)]
    [InlineData(65504f, 0x7BFF)]
    [InlineData(65519.996f, 0x7BFF)]
    [InlineData(65520f, 0x7C00)]
    [InlineData(float.NegativeInfinity, 0xFC00)]
    [InlineData(-0f, 0x8000)]
    [InlineData(5.9604645e-8f, 0x0001)]
    [InlineData(2.9802322e-8f, 0x0000)]
    [InlineData(2.9802326e-8f, 0x0001)]
    [InlineData(8.940697e-8f, 0x0002)]
    [InlineData(6.1035156e-5f, 0x0400)]
    [InlineData(1.00048828125f, 0x3C00)]
    [InlineData(1.00146484375f, 0x3C02)]
    [InlineData(1e-30f, 0x0000)]
    public void Encode_rounds_to_the_nearest_and_ties_to_even(float value, int expected)
    {
        // Seventeen of them: the vectorized part of the conversion, and its rest.
        byte[] row = new byte[34];
        Float16.Encode([.. Enumerable.Repeat(value, 17)], row);
        MemoryMarshal.Cast<byte, ushort>(row).ToArray().Should().OnlyContain(bits => bits == expected);
    }

    [Fact]
    public void NaN_stays_NaN_and_becomes_quiet()
    {
        float[] values = [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(0x7F80_0001), 17)];
        byte[] row = new byte[34];
        Float16.Encode(values, row);
        MemoryMarshal.Cast<byte, ushort>(row).ToArray().Should().OnlyContain(bits => (bits & 0x7E00) == 0x7E00);
    }

    [Fact]
    public void Infinity_and_NaN_reach_the_dot_product()
    {
        foreach (int place in new[] { 0, 40, 66 })
        {
            float[] values = new float[67], ones = [.. Enumerable.Repeat(1f, 67)];
            byte[] row = new byte[134];
            values[place] = float.PositiveInfinity;
            Float16.Encode(values, row);
            Float16.Dot(row, ones).Should().Be(float.PositiveInfinity);
            values[place] = float.NaN;
            Float16.Encode(values, row);
            Float16.Dot(row, ones).Should().Be(float.NaN);
        }
    }
}
