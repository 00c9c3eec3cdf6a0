using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Tests.Numerics.Quantization;

[Trait("Category", "Kernels")]
public unsafe class BlockQuantizerTests
{
    [Theory]
    [InlineData(1f)]
    [InlineData(1e-20f)]
    [InlineData(3e30f)]
    public void Integers_equal_the_scalar_reference_and_lie_half_a_step_from_the_values(float magnitude)
    {
        Random random = new(5);
        float* x = stackalloc float[BlockQuantizer.Length];
        sbyte* bytes = stackalloc sbyte[BlockQuantizer.Length];
        sbyte* expectedBytes = stackalloc sbyte[BlockQuantizer.Length];
        short* shorts = stackalloc short[BlockQuantizer.Length];
        short* expectedShorts = stackalloc short[BlockQuantizer.Length];
        for (int repetition = 0; repetition < 50; repetition++)
        {
            for (int i = 0; i < BlockQuantizer.Length; i++)
                x[i] = (float)((random.NextDouble() - 0.5) * 2 * magnitude);
            float scale8 = BlockQuantizer.Int8(x, bytes);
            float scale16 = BlockQuantizer.Int16(x, shorts);
            scale8.Should().Be(BlockQuantizer.Int8Scalar(x, expectedBytes));
            scale16.Should().Be(BlockQuantizer.Int16Scalar(x, expectedShorts));
            for (int i = 0; i < BlockQuantizer.Length; i++)
            {
                ((int)bytes[i]).Should().Be(expectedBytes[i]);
                ((int)shorts[i]).Should().Be(expectedShorts[i]);
                Math.Abs(((double)scale8 * bytes[i]) - x[i]).Should().BeLessThan(0.5001 * scale8);
                Math.Abs(((double)scale16 * shorts[i]) - x[i]).Should().BeLessThan(0.51 * scale16);
            }
        }
    }

    [Fact]
    public void Zeros_have_the_scale_zero_and_what_is_not_finite_has_the_scale_NaN()
    {
        float* x = stackalloc float[BlockQuantizer.Length];
        sbyte* bytes = stackalloc sbyte[BlockQuantizer.Length];
        short* shorts = stackalloc short[BlockQuantizer.Length];
        new Span<float>(x, BlockQuantizer.Length).Clear();
        BlockQuantizer.Int8(x, bytes).Should().Be(0);
        BlockQuantizer.Int16(x, shorts).Should().Be(0);
        new Span<sbyte>(bytes, BlockQuantizer.Length).ToArray().Should().OnlyContain(q => q == 0);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (int place = 0; place < BlockQuantizer.Length; place++)
            {
                new Span<float>(x, BlockQuantizer.Length).Fill(1);
                x[place] = bad;
                BlockQuantizer.Int8(x, bytes).Should().Be(float.NaN);
                BlockQuantizer.Int16(x, shorts).Should().Be(float.NaN);
            }
        }
    }
}
