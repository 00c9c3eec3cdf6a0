using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class RowDotsTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Dots_agree_with_the_scalar_twin(int columns)
    {
        foreach (int rows in (int[])[0, 1, 5])
        {
            (float[] data, float[] x) = Inputs(rows, columns);
            float[] y = new float[rows], expected = new float[rows];
            RowDots.Compute(new MatrixSpan(data, rows, columns, columns + 3), x, 0.5f, y);
            RowDots.Scalar(new MatrixSpan(data, rows, columns, columns + 3), x, 0.5f, expected);
            Compare(y, expected, columns);
        }
    }

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Weighted_sums_agree_with_the_scalar_twin(int columns)
    {
        foreach (int rows in (int[])[0, 1, 5])
        {
            (float[] data, _) = Inputs(rows, columns);
            float[] weights = [.. Enumerable.Range(0, rows).Select(i => 0.1f * (i + 1))];
            float[] y = new float[columns], expected = new float[columns];
            WeightedRows.Compute(weights, new MatrixSpan(data, rows, columns, columns + 3), y);
            WeightedRows.Scalar(weights, new MatrixSpan(data, rows, columns, columns + 3), expected);
            Compare(y, expected, columns);
        }
    }

    [Fact]
    public void Shapes_that_do_not_match_are_refused()
    {
        FluentActions.Invoking(() => RowDots.Compute(new MatrixSpan(new float[6], 2, 3), new float[4], 1, new float[2])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => WeightedRows.Compute(new float[3], new MatrixSpan(new float[6], 2, 3), new float[3])).Should().Throw<ArgumentException>();
    }

    private static (float[] Rows, float[] X) Inputs(int rows, int columns)
    {
        Random random = new(columns);
        return ([.. Enumerable.Range(0, rows * (columns + 3)).Select(_ => random.NextSingle() - 0.5f)], [.. Enumerable.Range(0, columns).Select(_ => random.NextSingle() - 0.5f)]);
    }

    private static void Compare(float[] actual, float[] expected, int columns)
    {
        for (int i = 0; i < expected.Length; i++)
            actual[i].Should().BeApproximately(expected[i], 1e-6f * (1 + MathF.Sqrt(columns)));
    }
}
