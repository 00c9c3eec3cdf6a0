using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ScaledAddTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) =>
        KernelCheck.Row(length, (x, y) => ScaledAdd.Compute(0.37f, x, y), (x, y) => ScaledAdd.Scalar(0.37f, x, y), 3e-7);

    [Fact]
    public void Adds_a_multiple()
    {
        float[] y = [10, 20, 30];
        ScaledAdd.Compute(0.5f, [1, 2, 4], y);
        y.Should().Equal(10.5f, 21, 32);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses((x, y) => ScaledAdd.Compute(1, x, y));

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing((x, y) => ScaledAdd.Compute(1, x, y));
}
