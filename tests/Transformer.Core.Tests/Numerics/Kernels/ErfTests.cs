using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ErfTests
{
    // By arbitrary-precision arithmetic (mpmath).
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0.11246291601828489)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(1, 0.8427007929497149)]
    [InlineData(1.5, 0.9661051464753108)]
    [InlineData(2, 0.9953222650189527)]
    [InlineData(2.5, 0.9995930479825550)]
    [InlineData(3, 0.9999779095030014)]
    [InlineData(-1, -0.8427007929497149)]
    [InlineData(-3, -0.9999779095030014)]
    public void The_double_reference_has_the_tabulated_values(double x, double expected)
    {
        Erf.Of(x).Should().BeApproximately(expected, 3e-15);
        Erf.ComplementOf(x).Should().BeApproximately(1 - expected, 3e-15);
    }

    [Fact]
    public void The_double_complement_keeps_its_tail()
    {
        (Erf.ComplementOf(5.0) / 1.5374597944280349e-12).Should().BeApproximately(1, 1e-12);
        (Erf.ComplementOf(10.0) / 2.0884875837625448e-45).Should().BeApproximately(1, 1e-12);
    }

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Erf.Compute, Erf.Scalar, 2.5e-7);

    [Fact]
    public void Absolute_error_is_within_the_stated_bound()
    {
        const int Count = 40_000;
        float[] x = new float[Count], y = new float[Count];
        for (int i = 0; i < Count; i++)
            x[i] = (float)(-5 + (i * (10.0 / Count)));
        Erf.Compute(x, y);
        double worst = 0;
        for (int i = 0; i < Count; i++)
            worst = Math.Max(worst, Math.Abs(y[i] - Erf.Of((double)x[i])));
        worst.Should().BeLessThan(2.5e-7);
    }

    [Fact]
    public void Is_relatively_accurate_near_zero()
    {
        float[] x = [1e-30f, -1e-10f, 1e-4f, 0.01f, -0.1f, 0.3f, 0.4999f], y = new float[7];
        Erf.Compute(x, y);
        for (int i = 0; i < x.Length; i++)
            (y[i] / Erf.Of((double)x[i])).Should().BeApproximately(1, 3e-7);
    }

    [Fact]
    public void Special_values_are_exact()
    {
        float[] x = [0, float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e30f, -1e30f], y = new float[6];
        Erf.Compute(x, y);
        y.Should().Equal(0, 1, -1, float.NaN, 1, -1);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Erf.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Erf.Compute);
}
