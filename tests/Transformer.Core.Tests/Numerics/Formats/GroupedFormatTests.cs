using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Formats;

/// <summary>What the formats of small integers with scales must hold beyond <see cref="FormatTests{TFormat}"/>.</summary>
public abstract class GroupedFormatTests<TFormat> : FormatTests<TFormat>
    where TFormat : struct, IBlockFormat
{
    [Fact]
    public void Any_bytes_decode_alike_in_both_ways()
    {
        byte[] row = new byte[40 * TFormat.BlockBytes];
        float[] vectorized = new float[40 * TFormat.BlockLength], scalar = new float[vectorized.Length];
        for (int seed = 0; seed < 20; seed++)
        {
            new Random(seed).NextBytes(row);
            TFormat.Decode(row, vectorized);
            TFormat.DecodeScalar(row, scalar);
            for (int i = 0; i < scalar.Length; i++)
            {
                if (!float.IsNaN(scalar[i]) || !float.IsNaN(vectorized[i]))
                    BitConverter.SingleToInt32Bits(vectorized[i]).Should().Be(BitConverter.SingleToInt32Bits(scalar[i]), "value {0} of seed {1}", i, seed);
            }
        }
    }

    [Fact]
    public void Values_that_cannot_be_stored_spoil_nothing_else()
    {
        float[] values = KernelCheck.Random(3 * TFormat.BlockLength, 1, 2), back = new float[values.Length];
        values[TFormat.BlockLength] = float.NaN;
        values[TFormat.BlockLength + 1] = float.PositiveInfinity;
        values[TFormat.BlockLength + 2] = -1e38f;
        byte[] row = new byte[3 * TFormat.BlockBytes], alone = new byte[TFormat.BlockBytes];
        TFormat.Encode(values, row);
        TFormat.Decode(row, back);
        back.Should().OnlyContain(value => float.IsFinite(value));
        back[TFormat.BlockLength + 1].Should().BeInRange(40000, 90000);
        TFormat.Encode(values.AsSpan(0, TFormat.BlockLength), alone);
        row.AsSpan(0, alone.Length).SequenceEqual(alone).Should().BeTrue("blocks do not see each other");
    }

    [Theory]
    [InlineData(1e-38f)]
    [InlineData(1e-20f)]
    [InlineData(3e-6f)]
    [InlineData(60000f)]
    public void Small_and_large_values_stay_in_their_range(float size)
    {
        float[] values = KernelCheck.Random(4 * TFormat.BlockLength, 3, size), back = new float[values.Length];
        byte[] row = new byte[4 * TFormat.BlockBytes];
        TFormat.Encode(values, row);
        TFormat.Decode(row, back);
        back.Should().OnlyContain(value => MathF.Abs(value) <= Math.Max(1.5f * size, 1e-5f));
    }

    [Fact]
    public void Encodes_to_the_same_bytes_again()
    {
        float[] values = KernelCheck.Random(9 * TFormat.BlockLength, 4, 2);
        byte[] first = new byte[9 * TFormat.BlockBytes], second = new byte[first.Length];
        Array.Fill(second, (byte)0xFF);
        TFormat.Encode(values, first);
        TFormat.Encode(values, second);
        second.Should().Equal(first);
    }
}
