using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class LogSumExpTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        KernelCheck.Reduction(length, (x, _) => LogSumExp.Compute(x), (x, _) => LogSumExp.Scalar(x), 3e-7);
        KernelCheck.Reduction(length, (x, _) => LogSumExp.Compute(x), (x, _) => LogSumExp.Scalar(x), 3e-7, scale: 300);
    }

    [Fact]
    public void Has_the_values_computed_by_hand()
    {
        LogSumExp.Compute([0, 0]).Should().BeApproximately(Math.Log(2), 1e-7);
        LogSumExp.Compute([1000, 1000, 1000]).Should().BeApproximately(1000 + Math.Log(3), 1e-7);
        LogSumExp.Compute([-1e30f, 5]).Should().Be(5);
        LogSumExp.Compute([float.NegativeInfinity, 5]).Should().Be(5);
    }

    [Fact]
    public void Special_rows()
    {
        LogSumExp.Compute([]).Should().Be(double.NegativeInfinity);
        LogSumExp.Compute([float.NegativeInfinity, float.NegativeInfinity]).Should().Be(double.NegativeInfinity);
        LogSumExp.Compute([1, float.PositiveInfinity]).Should().Be(double.PositiveInfinity);
        LogSumExp.Compute([1, float.NaN, float.PositiveInfinity]).Should().Be(double.NaN);
    }

    [Fact]
    public void Is_accurate_for_a_whole_vocabulary()
    {
        float[] logits = KernelCheck.Random(150_000, 5, 12);
        LogSumExp.Compute(logits).Should().BeApproximately(LogSumExp.Scalar(logits), 1e-7);
    }
}
