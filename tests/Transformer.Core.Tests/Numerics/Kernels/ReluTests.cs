using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ReluTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Relu.Compute, Relu.Scalar, 0);

    [Fact]
    public void Cuts_at_zero_and_keeps_NaN()
    {
        float[] y = new float[6];
        Relu.Compute([-1, 2, float.NaN, float.NegativeInfinity, float.PositiveInfinity, -0f], y);
        y.Should().Equal(0, 2, float.NaN, 0, float.PositiveInfinity, 0);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Relu.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Relu.Compute);
}
