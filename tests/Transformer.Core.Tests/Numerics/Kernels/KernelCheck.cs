namespace Transformer.Core.Tests.Numerics.Kernels;

internal delegate void RowKernel(ReadOnlySpan<float> x, Span<float> y);

internal delegate double ReducingKernel(ReadOnlySpan<float> x, ReadOnlySpan<float> y);

/// <summary>What every kernel must hold: agree with its scalar twin at odd lengths, write nothing else, and give the same bits wherever the row lies in memory.</summary>
internal static class KernelCheck
{
    private const float Guard = -12345.678f;

    public static readonly int[] Lengths = [0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 1000];

    public static TheoryData<int> LengthData => new(Lengths);

    public static float[] Random(int length, int seed, double scale = 1)
    {
        Random random = new(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
            values[i] = (float)(((random.NextDouble() * 2) - 1) * scale);
        return values;
    }

    /// <summary>Error at most <paramref name="tolerance"/>, absolute below one and relative above.</summary>
    public static void Row(int length, RowKernel vectorized, RowKernel scalar, double tolerance, double scale = 4, bool mayAlias = true)
    {
        float[] x = Random(length, length + 1, scale);
        float[] before = Random(length, length + 2, scale);
        float[] expected = [.. before];
        scalar(x, expected);
        float[]? first = null;
        for (int offset = 0; offset < 17; offset++)
        {
            float[] source = new float[length + 40];
            float[] target = new float[length + 40];
            Array.Fill(target, Guard);
            x.CopyTo(source, offset);
            before.CopyTo(target, 17 - offset);
            vectorized(source.AsSpan(offset, length), target.AsSpan(17 - offset, length));

            float[] result = target[(17 - offset)..(17 - offset + length)];
            Close(result, expected, tolerance);
            first ??= result;
            SameBits(result, first);
            target.Count(v => v == Guard).Should().Be(40, "nothing outside the row may be written");
            source[offset..(offset + length)].Should().Equal(x, "the input is only read");
        }
        if (!mayAlias)
            return;
        float[] own = [.. x], twin = [.. x];
        vectorized(own, own);
        scalar([.. x], twin);
        Close(own, twin, tolerance);
    }

    public static void Reduction(int length, ReducingKernel vectorized, ReducingKernel scalar, double tolerance, double scale = 4)
    {
        float[] x = Random(length, length + 1, scale);
        float[] y = Random(length, length + 2, scale);
        double expected = scalar(x, y);
        double? first = null;
        for (int offset = 0; offset < 17; offset++)
        {
            float[] left = new float[length + 40];
            float[] right = new float[length + 40];
            Array.Fill(left, float.NaN);
            Array.Fill(right, float.NaN);
            x.CopyTo(left, offset);
            y.CopyTo(right, 17 - offset);
            double result = vectorized(left.AsSpan(offset, length), right.AsSpan(17 - offset, length));
            if (double.IsFinite(expected))
                Math.Abs(result - expected).Should().BeLessThanOrEqualTo(tolerance * Math.Max(1, Math.Abs(expected)));
            else
                result.Should().Be(expected);
            first ??= result;
            BitConverter.DoubleToInt64Bits(result).Should().Be(BitConverter.DoubleToInt64Bits(first.Value), "alignment must not matter");
        }
    }

    public static void Close(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance)
    {
        actual.Length.Should().Be(expected.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            bool close = float.IsFinite(expected[i])
                ? Math.Abs((double)actual[i] - expected[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]))
                : actual[i].Equals(expected[i]);
            if (!close)
                Assert.Fail($"[{i}] of {actual.Length}: {actual[i]:R} instead of {expected[i]:R}, tolerance {tolerance}.");
        }
    }

    public static void SameBits(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        actual.Length.Should().Be(expected.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(actual[i]) != BitConverter.SingleToUInt32Bits(expected[i]))
                Assert.Fail($"[{i}] of {actual.Length}: {BitConverter.SingleToUInt32Bits(actual[i]):x8} instead of {BitConverter.SingleToUInt32Bits(expected[i]):x8}.");
        }
    }

    public static void SameBits(RowKernel vectorized, RowKernel scalar, float[] values)
    {
        float[] actual = new float[values.Length], expected = new float[values.Length];
        vectorized(values, actual);
        scalar(values, expected);
        SameBits(actual, expected);
    }

    /// <summary>Lengths that differ, and rows that overlap without being the same, are refused.</summary>
    public static void Refuses(RowKernel kernel)
    {
        float[] memory = new float[40];
        FluentActions.Invoking(() => kernel(memory.AsSpan(0, 5), memory.AsSpan(20, 6))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => kernel(memory.AsSpan(0, 20), memory.AsSpan(1, 20))).Should().Throw<ArgumentException>();
    }

    /// <summary>Once compiled, the kernel allocates nothing.</summary>
    public static void AllocatesNothing(RowKernel kernel)
    {
        float[] x = Random(1001, 1), y = Random(1001, 2);
        kernel(x, y);
        long before = GC.GetAllocatedBytesForCurrentThread();
        kernel(x, y);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }
}
