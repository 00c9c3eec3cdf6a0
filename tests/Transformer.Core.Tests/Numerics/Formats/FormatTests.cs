using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Formats;

/// <summary>What every block format must hold, each at several lengths and alignments.</summary>
public abstract class FormatTests<TFormat>
    where TFormat : struct, IBlockFormat
{
    public static TheoryData<int> Blocks => TFormat.BlockLength == 1
        ? new TheoryData<int>(KernelCheck.Lengths)
        : new TheoryData<int>([0, 1, 2, 3, 4, 7, 16, 33]);

    /// <summary>Largest error of one stored value, relative to the largest of its block.</summary>
    protected abstract double Precision { get; }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Decode_has_the_bits_of_its_scalar_twin(int blocks)
    {
        byte[] row = Encoded(blocks, out _);
        float[] expected = new float[blocks * TFormat.BlockLength];
        TFormat.DecodeScalar(row, expected);
        for (int offset = 0; offset < 5; offset++)
        {
            byte[] moved = new byte[row.Length + offset + 70];
            float[] target = new float[expected.Length + 70];
            Array.Fill(target, -7.5e33f);
            row.CopyTo(moved, offset);
            TFormat.Decode(moved.AsSpan(offset, row.Length), target.AsSpan(offset, expected.Length));
            KernelCheck.SameBits(target.AsSpan(offset, expected.Length), expected);
            target.Count(v => v == -7.5e33f).Should().Be(70, "nothing outside the row may be written");
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Dot_is_that_of_the_decoded_row(int blocks)
    {
        byte[] row = Encoded(blocks, out _);
        float[] weights = new float[blocks * TFormat.BlockLength];
        TFormat.DecodeScalar(row, weights);
        float[] x = KernelCheck.Random(weights.Length, blocks + 1000, 3);
        double expected = 0, size = 0;
        for (int i = 0; i < x.Length; i++)
        {
            expected += (double)weights[i] * x[i];
            size += Math.Abs((double)weights[i] * x[i]);
        }
        float? first = null;
        for (int offset = 0; offset < 5; offset++)
        {
            byte[] moved = new byte[row.Length + 70];
            float[] input = new float[x.Length + 70];
            Array.Fill(moved, (byte)0xFF);
            Array.Fill(input, float.NaN);
            row.CopyTo(moved, offset);
            x.CopyTo(input, offset);
            float result = TFormat.Dot(moved.AsSpan(offset, row.Length), input.AsSpan(offset, x.Length));
            Math.Abs(result - expected).Should().BeLessThanOrEqualTo(1e-6 * size);
            first ??= result;
            BitConverter.SingleToInt32Bits(result).Should().Be(BitConverter.SingleToInt32Bits(first.Value), "alignment must not matter");
        }
    }

    [Fact]
    public void Encode_keeps_its_precision()
    {
        byte[] row = Encoded(40, out float[] values);
        float[] back = new float[values.Length];
        TFormat.Decode(row, back);
        for (int block = 0; block < 40; block++)
        {
            Range range = (block * TFormat.BlockLength)..((block + 1) * TFormat.BlockLength);
            double largest = values[range].Max(MathF.Abs);
            for (int i = range.Start.Value; i < range.End.Value; i++)
                Math.Abs(back[i] - values[i]).Should().BeLessThanOrEqualTo((float)(Precision * largest));
        }
    }

    [Fact]
    public void Zeros_stay_zeros()
    {
        byte[] row = new byte[3 * TFormat.BlockBytes];
        float[] values = new float[3 * TFormat.BlockLength];
        TFormat.Encode(values, row);
        Array.Fill(values, 1);
        TFormat.Decode(row, values);
        values.Should().OnlyContain(v => v == 0);
        TFormat.Dot(row, values).Should().Be(0);
    }

    [Fact]
    public void Spans_that_do_not_fit_are_refused()
    {
        byte[] bytes = new byte[3 * TFormat.BlockBytes];
        float[] values = new float[2 * TFormat.BlockLength];
        FluentActions.Invoking(() => TFormat.Decode(bytes, values)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TFormat.DecodeScalar(bytes, values)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TFormat.Encode(values, bytes)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TFormat.Dot(bytes, values)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TFormat.Dot(bytes.AsSpan(0, bytes.Length - 1), new float[3 * TFormat.BlockLength])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Allocates_nothing()
    {
        byte[] row = Encoded(33, out float[] values);
        long allocated = 0;
        for (int run = 0; run < 2; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            TFormat.Encode(values, row);
            TFormat.Decode(row, values);
            _ = TFormat.Dot(row, values);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        allocated.Should().Be(0);
    }

    [Fact]
    public void The_value_object_tells_the_same()
    {
        WeightFormat format = WeightFormat.Of<TFormat>();
        format.Should().BeSameAs(WeightFormat.All.Single(f => f.Name == TFormat.Name));
        (format.BlockLength, format.BlockBytes).Should().Be((TFormat.BlockLength, TFormat.BlockBytes));
        format.BytesFor(512).Should().Be(512 / TFormat.BlockLength * TFormat.BlockBytes);
    }

    private static byte[] Encoded(int blocks, out float[] values)
    {
        values = KernelCheck.Random(blocks * TFormat.BlockLength, blocks + 5, 2);
        byte[] row = new byte[blocks * TFormat.BlockBytes];
        TFormat.Encode(values, row);
        return row;
    }
}

[Trait("Category", "Kernels")]
public class Float32Tests : FormatTests<Float32>
{
    protected override double Precision => 0;
}
