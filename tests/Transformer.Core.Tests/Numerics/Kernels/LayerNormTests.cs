using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class LayerNormTests
{
    private static readonly float[] Weight = KernelCheck.Random(1001, 77, 2);
    private static readonly float[] Bias = KernelCheck.Random(1001, 78, 2);

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        foreach (double scale in new[] { 1e-3, 4, 1e20 })
        {
            KernelCheck.Row(length, Kernel(true), Twin(true), 5e-7, scale);
            KernelCheck.Row(length, Kernel(false), Twin(false), 5e-7, scale);
        }
    }

    [Fact]
    public void Has_the_values_computed_by_hand()
    {
        // Mean 3, variance 4; with epsilon 12 the root is 4.
        float[] y = new float[2];
        LayerNorm.Compute([1, 5], [1, 10], [0, 100], 12, y);
        KernelCheck.Close(y, [-0.5f, 105], 1e-7);
        LayerNorm.Compute([1, 5], [1, 10], [], 12, y);
        KernelCheck.Close(y, [-0.5f, 5], 1e-7);
    }

    [Fact]
    public void A_large_mean_does_not_cancel()
    {
        // 10000 plus or minus one: the mean of the squares minus the square of the mean would be useless in floats.
        float[] x = [.. Enumerable.Range(0, 100).Select(i => 10000f + ((i % 2 * 2) - 1))], ones = [.. Enumerable.Repeat(1f, 100)], y = new float[100];
        LayerNorm.Compute(x, ones, [], 0, y);
        KernelCheck.Close(y, [.. Enumerable.Range(0, 100).Select(i => (i % 2 * 2) - 1f)], 1e-7);
    }

    [Fact]
    public void A_constant_row_becomes_the_bias()
    {
        float[] y = new float[33];
        LayerNorm.Compute([.. Enumerable.Repeat(0.1f, 33)], Weight.AsSpan(0, 33), Bias.AsSpan(0, 33), 1e-5f, y);
        KernelCheck.Close(y, Bias.AsSpan(0, 33), 1e-7);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match()
    {
        KernelCheck.Refuses(Kernel(true));
        FluentActions.Invoking(() => LayerNorm.Compute(new float[4], new float[3], default, 0, new float[4])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => LayerNorm.Compute(new float[4], new float[4], new float[5], 0, new float[4])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Kernel(true));

    private static RowKernel Kernel(bool bias) => (x, y) =>
        LayerNorm.Compute(x, Weight.AsSpan(0, x.Length), bias ? Bias.AsSpan(0, x.Length) : default, 1e-5f, y);

    private static RowKernel Twin(bool bias) => (x, y) =>
        LayerNorm.Scalar(x, Weight.AsSpan(0, x.Length), bias ? Bias.AsSpan(0, x.Length) : default, 1e-5f, y);
}
