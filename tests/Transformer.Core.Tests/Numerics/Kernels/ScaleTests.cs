using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ScaleTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Has_the_bits_of_the_scalar_twin(int length) =>
        KernelCheck.Row(length, (x, y) => Scale.Compute(0.37f, x, y), (x, y) => Scale.Scalar(0.37f, x, y), 0);

    [Fact]
    public void Gives_a_multiple()
    {
        float[] y = [10, 20, 30, 40];
        Scale.Compute(0.5f, [1, 2, -4, float.PositiveInfinity], y);
        y.Should().Equal(0.5f, 1, -2, float.PositiveInfinity);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses((x, y) => Scale.Compute(1, x, y));

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing((x, y) => Scale.Compute(1, x, y));
}
