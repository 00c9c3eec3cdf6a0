using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class SiluTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Silu.Compute, Silu.Scalar, 3e-7, scale: 20);

    [Fact]
    public void Has_the_known_values()
    {
        float[] y = new float[4];
        Silu.Compute([0, 1, -1, 10], y);
        KernelCheck.Close(y, [0, 0.73105858f, -0.26894142f, 9.99954602f], 1e-7);
    }

    [Fact]
    public void Special_values_do_not_become_garbage()
    {
        float[] y = new float[5];
        Silu.Compute([float.NaN, float.PositiveInfinity, 1e30f, -1e30f, -200], y);
        y.Should().Equal(float.NaN, float.PositiveInfinity, 1e30f, 0, 0);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Silu.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Silu.Compute);
}
