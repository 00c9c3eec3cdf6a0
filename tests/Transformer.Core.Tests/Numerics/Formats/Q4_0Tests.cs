using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Tests.Numerics.Formats;

[Trait("Category", "Kernels")]
public class Q4_0Tests : FormatTests<Q4_0>
{
    // The value opposite to the largest loses a whole step of an eighth; and the scale's own rounding.
    protected override double Precision => (1.0 / 8) + (1.0 / 2048);

    [Fact]
    public void The_layout_is_a_scale_and_nibbles_sixteen_values_apart()
    {
        // The largest is -8, so the scale is one, 0x3C00 as a half; the nibble is the value plus eight.
        float[] values = new float[32];
        values[0] = -8;
        values[16] = 7;
        values[1] = 8; // opposite to the largest: 16 does not fit, 15 is taken
        values[17] = -0.6f;
        byte[] block = new byte[18];
        Q4_0.Encode(values, block);
        block[..5].Should().Equal(0x00, 0x3C, 0xF0, 0x7F, 0x88);
        float[] back = new float[32];
        Q4_0.Decode(block, back);
        (back[0], back[16], back[1], back[17], back[31]).Should().Be((-8, 7, 7, -1, 0));
    }

    [Fact]
    public void Every_byte_and_the_extreme_scales_decode_alike_in_both_ways()
    {
        foreach (ushort scale in new ushort[] { 0x0001, 0x8001, 0x03FF, 0x7BFF, 0x3C00, 0x0000 })
        {
            byte[] blocks = new byte[16 * 18];
            for (int i = 0; i < 256; i++)
                blocks[(i / 16 * 18) + 2 + (i % 16)] = (byte)i;
            for (int block = 0; block < 16; block++)
                BitConverter.TryWriteBytes(blocks.AsSpan(block * 18), scale);
            float[] vectorized = new float[512], scalar = new float[512];
            Q4_0.Decode(blocks, vectorized);
            Q4_0.DecodeScalar(blocks, scalar);
            vectorized.Should().Equal(scalar);
            vectorized[3].Should().Be((float)BitConverter.UInt16BitsToHalf(scale) * -5);
        }
    }
}
