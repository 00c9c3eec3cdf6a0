using Transformer.Core.Numerics.Gemm;

namespace Transformer.Core.Tests.Numerics.Gemm;

[Trait("Category", "Kernels")]
public unsafe class PanelProductTests
{
    [Theory]
    [InlineData(16, 1)]
    [InlineData(48, 7)]
    [InlineData(64, 64)]
    [InlineData(80, 65)]
    [InlineData(128, 3)]
    [InlineData(112, 528)]
    public void Agrees_with_the_scalar_twin_for_every_number_of_rows(int width, int depth)
    {
        for (int count = 0; count <= 14; count++)
        {
            foreach (bool first in (bool[])[true, false])
            {
                int sumStride = width + 5;
                float[] rows = Numbers(count * FloatGemm.RowStride, 1), panel = Numbers(depth * (width + 3), 2);
                float[] sums = Numbers(count * sumStride, 3), expected = [.. sums];
                fixed (float* r = rows, p = panel, s = sums, e = expected)
                {
                    PanelProduct.Compute(r, count, p, width + 3, width, s, sumStride, depth, first);
                    PanelProduct.Scalar(r, count, p, width + 3, width, e, sumStride, depth, first);
                }
                for (int i = 0; i < sums.Length; i++)
                    sums[i].Should().BeApproximately(expected[i], 1e-6f * (1 + depth), "{0} rows, sum {1}", count, i);
            }
        }
    }

    [Fact]
    public void A_row_s_result_does_not_depend_on_the_others()
    {
        const int width = 64, depth = 64;
        float[] rows = Numbers(13 * FloatGemm.RowStride, 1), panel = Numbers(depth * width, 2), together = new float[13 * width], alone = new float[width];
        fixed (float* r = rows, p = panel, t = together, a = alone)
        {
            PanelProduct.Compute(r, 13, p, width, width, t, width, depth, first: true);
            for (int row = 0; row < 13; row++)
            {
                PanelProduct.Compute(r + (row * FloatGemm.RowStride), 1, p, width, width, a, width, depth, first: true);
                for (int i = 0; i < width; i++)
                    alone[i].Should().BeApproximately(together[(row * width) + i], 1e-5f);
            }
        }
    }

    private static float[] Numbers(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
