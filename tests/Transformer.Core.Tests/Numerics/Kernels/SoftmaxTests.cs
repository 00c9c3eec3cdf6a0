using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class SoftmaxTests
{
    private const float Masked = float.NegativeInfinity;

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        KernelCheck.Row(length, InPlace(Softmax.Compute), InPlace(row => Softmax.Scalar(row)), 3e-7);
        KernelCheck.Row(length, InPlace(Softmax.Compute), InPlace(row => Softmax.Scalar(row)), 3e-7, scale: 1000);
    }

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void A_sink_takes_its_share(int length)
    {
        foreach (float sink in (float[])[-3, 2, 40])
            KernelCheck.Row(length, InPlace(row => Softmax.Compute(row, sink)), InPlace(row => Softmax.Scalar(row, sink)), 3e-7);
        float[] one = [1];
        Softmax.Compute(one, 1);
        one.Should().Equal(0.5f);
    }

    [Theory]
    [InlineData(new float[] { 100, 100 }, new float[] { 0.5f, 0.5f })]
    [InlineData(new float[] { 7 }, new float[] { 1 })]
    [InlineData(new float[] { 0, 0.6931472f }, new float[] { 0.33333333f, 0.66666667f })]
    [InlineData(new float[] { -1e30f, -1e30f, -1e30f, -1e30f }, new float[] { 0.25f, 0.25f, 0.25f, 0.25f })]
    [InlineData(new float[] { 3e38f, -3e38f }, new float[] { 1, 0 })]
    [InlineData(new float[] { Masked, 5, Masked, 5 }, new float[] { 0, 0.5f, 0, 0.5f })]
    [InlineData(new float[] { -1e30f, Masked }, new float[] { 1, 0 })]
    public void Has_the_values_computed_by_hand(float[] row, float[] expected)
    {
        Softmax.Compute(row);
        KernelCheck.Close(row, expected, 1e-7);
    }

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void A_row_that_is_all_masked_becomes_zeros(int length)
    {
        float[] row = new float[length];
        Array.Fill(row, Masked);
        Softmax.Compute(row);
        row.Should().Equal(new float[length]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_score_that_is_no_number_spoils_the_row_visibly(float bad)
    {
        foreach (int place in new[] { 0, 5, 18 })
        {
            float[] row = KernelCheck.Random(19, 1);
            row[place] = bad;
            Softmax.Compute(row);
            float.IsNaN(row.Sum()).Should().BeTrue();
        }
    }

    [Fact]
    public void A_long_row_sums_to_one()
    {
        float[] row = KernelCheck.Random(150_000, 3, 10);
        Softmax.Compute(row);
        row.Sum(v => (double)v).Should().BeApproximately(1, 1e-6);
        row.Should().OnlyContain(v => v >= 0);
    }

    [Fact]
    public void Allocates_nothing() => KernelCheck.AllocatesNothing(InPlace(Softmax.Compute));

    private delegate void InPlaceKernel(Span<float> row);

    private static RowKernel InPlace(InPlaceKernel kernel) => (x, y) =>
    {
        x.CopyTo(y);
        kernel(y);
    };
}
