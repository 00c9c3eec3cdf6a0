using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class DotProductTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length) =>
        KernelCheck.Reduction(length, (x, y) => DotProduct.Compute(x, y), (x, y) => DotProduct.Scalar(x, y), 2e-6 * Math.Max(1, Math.Sqrt(length)));

    [Fact]
    public void Is_exact_for_small_integers()
    {
        float[] a = [.. Enumerable.Range(1, 100).Select(i => (float)i)];
        DotProduct.Compute(a, a).Should().Be(338350);
    }

    [Fact]
    public void Refuses_different_lengths()
    {
        FluentActions.Invoking(() => DotProduct.Compute(new float[3], new float[4])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => DotProduct.Scalar(new float[3], new float[4])).Should().Throw<ArgumentException>();
    }
}
