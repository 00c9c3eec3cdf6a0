using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class RmsNormTests
{
    private static readonly float[] Weight = KernelCheck.Random(1001, 77, 2);

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        foreach (double scale in new[] { 1e-3, 4, 1e20 })
            KernelCheck.Row(length, Kernel(1e-5f), (x, y) => RmsNorm.Scalar(x, Weight.AsSpan(0, x.Length), 1e-5f, y), 3e-7, scale);
    }

    [Fact]
    public void Has_the_values_computed_by_hand()
    {
        // Mean square of (3, 4) = 12.5; with epsilon 3.5 the root is 4.
        float[] y = new float[2];
        RmsNorm.Compute([3, 4], [1, 10], 3.5f, y);
        KernelCheck.Close(y, [0.75f, 10], 1e-7);
    }

    [Fact]
    public void Zeros_stay_zeros_and_huge_values_do_not_overflow()
    {
        float[] y = new float[20];
        RmsNorm.Compute(new float[20], Weight.AsSpan(0, 20), 1e-6f, y);
        y.Should().OnlyContain(v => v == 0);

        float[] huge = [.. Enumerable.Repeat(3e38f, 20)], ones = [.. Enumerable.Repeat(1f, 20)];
        RmsNorm.Compute(huge, ones, 1e-6f, y);
        KernelCheck.Close(y, ones, 2e-7);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match()
    {
        KernelCheck.Refuses(Kernel(1e-5f));
        FluentActions.Invoking(() => RmsNorm.Compute(new float[4], new float[3], 0, new float[4])).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Kernel(1e-5f));

    private static RowKernel Kernel(float epsilon) => (x, y) => RmsNorm.Compute(x, Weight.AsSpan(0, x.Length), epsilon, y);
}
