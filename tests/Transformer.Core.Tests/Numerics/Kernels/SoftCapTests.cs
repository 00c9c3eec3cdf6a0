using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class SoftCapTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        KernelCheck.Row(length, InPlace(row => SoftCap.Compute(row, 3, 0.5f)), InPlace(row => SoftCap.Scalar(row, 3, 0.5f)), 1e-6);
        KernelCheck.Row(length, InPlace(row => SoftCap.Compute(row, 50)), InPlace(row => SoftCap.Scalar(row, 50)), 2e-5, scale: 300);
    }

    [Fact]
    public void Keeps_to_the_cap_and_hands_on_what_is_no_number()
    {
        float[] row = [float.NegativeInfinity, -1e30f, 0, 1e30f, float.PositiveInfinity, float.NaN];
        SoftCap.Compute(row, 30);
        row.Should().Equal(-30, -30, 0, 30, 30, float.NaN);
    }

    private delegate void InPlaceKernel(Span<float> row);

    private static RowKernel InPlace(InPlaceKernel kernel) => (x, y) =>
    {
        x.CopyTo(y);
        kernel(y);
    };
}
