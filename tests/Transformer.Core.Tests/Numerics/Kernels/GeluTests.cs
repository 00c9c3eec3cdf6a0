using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class GeluTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Exact_agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Gelu.Exact, Gelu.ExactScalar, 3e-7);

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Tanh_agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Gelu.Tanh, Gelu.TanhScalar, 3e-7);

    [Fact]
    public void Both_keep_their_bound_from_minus_20_to_20()
    {
        float[] x = [.. Enumerable.Range(0, 20_000).Select(i => -20 + (i * 0.002f))], y = new float[20_000], twin = new float[20_000];
        Gelu.Exact(x, y);
        Gelu.ExactScalar(x, twin);
        KernelCheck.Close(y, twin, 3e-7);
        Gelu.Tanh(x, y);
        Gelu.TanhScalar(x, twin);
        KernelCheck.Close(y, twin, 3e-7);
    }

    // Φ(1) = 0.8413447460685429, Φ(2) = 0.9772498680518208, Φ(-3) = 0.0013498980316301.
    [Fact]
    public void Exact_has_the_known_values()
    {
        float[] y = new float[5];
        Gelu.Exact([0, 1, 2, -1, -3], y);
        KernelCheck.Close(y, [0, 0.84134475f, 1.95449974f, -0.15865525f, -0.00404969f], 1e-7);
    }

    // 0.5·(1 + tanh(0.7978845608·1.044715)) = 0.8411919906.
    [Fact]
    public void Tanh_has_the_known_values()
    {
        float[] y = new float[3];
        Gelu.Tanh([0, 1, -1], y);
        KernelCheck.Close(y, [0, 0.84119199f, -0.15880801f], 1e-7);
    }

    [Fact]
    public void Special_values_do_not_become_garbage()
    {
        float[] x = [float.NaN, float.PositiveInfinity, 1e30f, -1e30f, 50, -50], exact = new float[6], tanh = new float[6];
        Gelu.Exact(x, exact);
        Gelu.Tanh(x, tanh);
        exact.Should().Equal(float.NaN, float.PositiveInfinity, 1e30f, 0, 50, 0);
        tanh.Should().Equal(float.NaN, float.PositiveInfinity, 1e30f, 0, 50, 0);
    }

    [Fact]
    public void Refuse_rows_that_do_not_match()
    {
        KernelCheck.Refuses(Gelu.Exact);
        KernelCheck.Refuses(Gelu.Tanh);
    }

    [Fact]
    public void Allocate_nothing()
    {
        KernelCheck.AllocatesNothing(Gelu.Exact);
        KernelCheck.AllocatesNothing(Gelu.Tanh);
    }
}
