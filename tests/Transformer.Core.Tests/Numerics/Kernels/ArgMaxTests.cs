using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class ArgMaxTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Is_that_of_the_scalar_twin(int length)
    {
        if (length > 0)
            KernelCheck.Reduction(length, (x, _) => ArgMax.Compute(x), (x, _) => ArgMax.Scalar(x), 0);
    }

    [Fact]
    public void Finds_the_largest_at_every_place_and_never_NaN()
    {
        for (int length = 1; length < 70; length++)
        {
            for (int place = 0; place < length; place++)
            {
                float[] row = new float[length];
                Array.Fill(row, float.NaN);
                row[place] = -3;
                ArgMax.Compute(row).Should().Be(place);
                ArgMax.Scalar(row).Should().Be(place);
            }
        }
    }

    [Theory]
    [InlineData(new float[] { 1, 5, 5, 2 }, 1)]
    [InlineData(new float[] { float.NegativeInfinity, float.NegativeInfinity }, 0)]
    [InlineData(new float[] { float.NaN, float.NegativeInfinity }, 1)]
    [InlineData(new float[] { 1, float.PositiveInfinity, float.NaN }, 1)]
    [InlineData(new float[] { float.NaN, float.NaN }, -1)]
    public void Ties_and_special_values(float[] row, int expected)
    {
        ArgMax.Compute(row).Should().Be(expected);
        ArgMax.Scalar(row).Should().Be(expected);
    }

    [Fact]
    public void Of_many_equal_values_the_first_wins()
    {
        float[] row = new float[100];
        row[37] = row[38] = row[64] = row[99] = 1;
        ArgMax.Compute(row).Should().Be(37);
        ArgMax.Compute([0f, -0f]).Should().Be(0);
        ArgMax.Compute([-0f, 0f]).Should().Be(0);
    }

    [Fact]
    public void An_empty_row_is_refused()
    {
        FluentActions.Invoking(() => ArgMax.Compute([])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ArgMax.Scalar([])).Should().Throw<ArgumentException>();
    }
}
