using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Tests.Numerics.Formats;

[Trait("Category", "Kernels")]
public class Q8_0Tests : FormatTests<Q8_0>
{
    // Half a step of the byte, and the rounding of the scale to half precision.
    protected override double Precision => (0.5 / 127) + (1.0 / 2048);

    [Fact]
    public void The_layout_is_a_scale_and_signed_bytes()
    {
        // The largest is 127, so the scale is one, 0x3C00 as a half; halves round away from zero.
        float[] values = new float[32];
        values[0] = -127;
        values[1] = 2.5f;
        values[2] = -3.5f;
        values[31] = 100;
        byte[] block = new byte[34];
        Q8_0.Encode(values, block);
        block[..5].Should().Equal(0x00, 0x3C, 0x81, 3, 0xFC);
        block[33].Should().Be(100);
        float[] back = new float[32];
        Q8_0.Decode(block, back);
        (back[0], back[1], back[2], back[31]).Should().Be((-127, 3, -4, 100));
    }

    [Fact]
    public void Every_byte_and_the_extreme_scales_decode_alike_in_both_ways()
    {
        foreach (ushort scale in new ushort[] { 0x0001, 0x8001, 0x03FF, 0x7BFF, 0x3C00, 0x7C00, 0x0000 })
        {
            byte[] blocks = new byte[8 * 34];
            for (int i = 0; i < 256; i++)
                blocks[(i / 32 * 34) + 2 + (i % 32)] = (byte)i;
            for (int block = 0; block < 8; block++)
                BitConverter.TryWriteBytes(blocks.AsSpan(block * 34), scale);
            float[] vectorized = new float[256], scalar = new float[256];
            Q8_0.Decode(blocks, vectorized);
            Q8_0.DecodeScalar(blocks, scalar);
            vectorized.Should().Equal(scalar);
            vectorized[200].Should().Be((float)BitConverter.UInt16BitsToHalf(scale) * -56);
        }
    }
}
