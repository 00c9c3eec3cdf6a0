using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ExpTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) => KernelCheck.Row(length, Exp.Compute, Exp.Scalar, 3e-7, scale: 20);

    [Fact]
    public void Is_within_two_units_in_the_last_place()
    {
        const int Count = 200_000;
        float[] x = new float[Count], y = new float[Count];
        for (int i = 0; i < Count; i++)
            x[i] = (float)(-87.3 + (i * (176.0 / Count)));
        Exp.Compute(x, y);
        double worst = 0;
        for (int i = 0; i < Count; i++)
        {
            double exact = Math.Exp(x[i]);
            float step = MathF.BitIncrement((float)exact) - (float)exact;
            worst = Math.Max(worst, Math.Abs(y[i] - exact) / step);
        }
        worst.Should().BeLessThan(2);
    }

    [Fact]
    public void Subnormal_results_are_within_one_step()
    {
        float[] x = [.. Enumerable.Range(0, 1000).Select(i => -87.4f - (i * 0.017f))], y = new float[1000];
        Exp.Compute(x, y);
        for (int i = 0; i < x.Length; i++)
            Math.Abs(y[i] - Math.Exp(x[i])).Should().BeLessThanOrEqualTo(float.Epsilon * 1.01);
    }

    [Fact]
    public void Special_values_are_exact()
    {
        float[] x = [0, -0f, float.NegativeInfinity, float.PositiveInfinity, float.NaN, -104.5f, 88.8f, 1e30f, -1e30f, float.MaxValue, float.MinValue, float.Epsilon];
        float[] y = new float[x.Length];
        Exp.Compute(x, y);
        y.Should().Equal(1, 1, 0, float.PositiveInfinity, float.NaN, 0, float.PositiveInfinity, float.PositiveInfinity, 0, float.PositiveInfinity, 0, 1);
    }

    [Fact]
    public void Refuses_rows_that_do_not_match() => KernelCheck.Refuses(Exp.Compute);

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(Exp.Compute);
}
