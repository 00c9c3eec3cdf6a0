using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class AddTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Has_the_bits_of_the_scalar_twin(int length) => KernelCheck.Row(length, Add.Compute, Add.Scalar, 0);

    [Fact]
    public void Adds_to_the_second_row()
    {
        float[] y = [10, 20, 30];
        Add.Compute([1, 2, float.PositiveInfinity], y);
        y.Should().Equal(11, 22, float.PositiveInfinity);
    }

    [Fact]
    public void A_row_added_to_itself_doubles()
    {
        float[] y = KernelCheck.Random(33, 1);
        float[] expected = [.. y.Select(v => v + v)];
        Add.Compute(y, y);
        y.Should().Equal(expected);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Add.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Add.Compute);
}
