using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Formats;

[Trait("Category", "Kernels")]
public class BFloat16Tests : FormatTests<BFloat16>
{
    protected override double Precision => 1.0 / 256;

    [Fact]
    public void Every_bit_pattern_decodes_to_the_upper_half_of_a_float()
    {
        ushort[] bits = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        float[] vectorized = new float[65536], scalar = new float[65536];
        BFloat16.Decode(MemoryMarshal.AsBytes<ushort>(bits), vectorized);
        BFloat16.DecodeScalar(MemoryMarshal.AsBytes<ushort>(bits), scalar);
        KernelCheck.SameBits(vectorized, scalar);
        KernelCheck.SameBits(vectorized, [.. Enumerable.Range(0, 65536).Select(i => BitConverter.UInt32BitsToSingle((uint)i << 16))]);
    }

    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80)]
    [InlineData(0x3F80_7FFFu, 0x3F80)]
    [InlineData(0x3F80_8000u, 0x3F80)]
    [InlineData(0x3F81_8000u, 0x3F82)]
    [InlineData(0x3F80_8001u, 0x3F81)]
    [InlineData(0x7F7F_FFFFu, 0x7F80)]
    [InlineData(0xFF80_0000u, 0xFF80)]
    [InlineData(0x8000_0000u, 0x8000)]
    [InlineData(0x0000_8001u, 0x0001)]
    [InlineData(0x7F80_0001u, 0x7FC0)]
    [InlineData(0xFFFF_FFFFu, 0xFFFF)]
    public void Encode_rounds_to_the_nearest_ties_to_even_and_quiets_NaN(uint value, int expected)
    {
        byte[] row = new byte[2];
        BFloat16.Encode([BitConverter.UInt32BitsToSingle(value)], row);
        BitConverter.ToUInt16(row).Should().Be((ushort)expected);
    }
}
