using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class MultiplyTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Has_the_bits_of_the_scalar_twin(int length) => KernelCheck.Row(length, Multiply.Compute, Multiply.Scalar, 0);

    [Fact]
    public void Multiplies_the_second_row()
    {
        float[] y = [10, 20, 30, float.PositiveInfinity];
        Multiply.Compute([1, 2, -3, 0], y);
        y.Should().Equal(10, 40, -90, float.NaN);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Multiply.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Multiply.Compute);
}
