using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class MaximumTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Is_that_of_the_scalar_twin(int length) =>
        KernelCheck.Reduction(length, (x, _) => Maximum.Of(x), (x, _) => Maximum.Scalar(x), 0);

    [Fact]
    public void NaN_anywhere_gives_NaN()
    {
        for (int place = 0; place < 35; place++)
        {
            float[] row = KernelCheck.Random(35, 1);
            row[place] = float.NaN;
            Maximum.Of(row).Should().Be(float.NaN);
            Maximum.Scalar(row).Should().Be(float.NaN);
        }
    }
}
