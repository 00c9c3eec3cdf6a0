using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Gemm;

namespace Transformer.Core.Tests.Numerics.Gemm;

/// <summary>Every tile on every tier, whether or not that tier would choose it, against sums in double precision.</summary>
[Trait("Category", "Kernels")]
public unsafe class FloatTileTests
{
    private const int Guard = 12345;

    private delegate void Tile(float* weights, float* panel, int panelStride, int width, float* sums, nint sumStride, int length, bool first);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(65)]
    [InlineData(511)]
    [InlineData(512)]
    public void Sums_are_those_of_double_precision(int length)
    {
        Check(FloatTile.Scalar, length, 8, 16, 32, 64);
        Check(FloatTile128.Compute, length, 8, 16);
        Check(FloatTile256.Compute, length, 8, 16);
        Check(FloatTile512.Compute, length, 16, 32, 64);
        List<int> widths = [];
        for (int width = FloatTile.Lanes; width <= FloatTile.Tokens; width *= 2)
            widths.Add(width);
        Check(FloatTile.Compute, length, [.. widths]);
    }

    [Fact]
    public void The_tokens_of_the_widest_tile_are_a_power_of_two_times_those_of_the_narrowest()
    {
        int ratio = FloatTile.Tokens / FloatTile.Lanes;
        (ratio * FloatTile.Lanes).Should().Be(FloatTile.Tokens);
        (ratio & (ratio - 1)).Should().Be(0);
        (PanelProduct.Lanes % FloatTile.Lanes).Should().Be(0, "panels of keys must divide into tiles");
        (FloatGemm.RowBlock % FloatTile.Rows).Should().Be(0);
        if (!Vector256.IsHardwareAccelerated && Vector128.IsHardwareAccelerated)
            FloatTile.Tokens.Should().Be(FloatTile128.Tokens, "wider vectors are emulated here");
    }

    [Fact]
    public void A_token_s_sums_do_not_depend_on_the_tile_s_width()
    {
        const int length = 77, width = 16;
        float[] weights = Numbers(FloatTile.Rows * FloatGemm.RowStride, 4), panel = Numbers(length * width, 5);
        float[] whole = new float[FloatTile.Rows * width], halves = new float[FloatTile.Rows * width];
        fixed (float* w = weights, p = panel, a = whole, b = halves)
        {
            FloatTile128.Compute(w, p, width, 16, a, width, length, first: true);
            FloatTile128.Compute(w, p, width, 8, b, width, length, first: true);
            FloatTile128.Compute(w, p + 8, width, 8, b + 8, width, length, first: true);
        }
        halves.Should().Equal(whole);
    }

    private static void Check(Tile tile, int length, params int[] widths)
    {
        foreach (int width in widths)
        {
            foreach (bool first in (bool[])[true, false])
            {
                int panelStride = width + 3, sumStride = width + 5;
                float[] weights = Numbers(FloatTile.Rows * FloatGemm.RowStride, 1), panel = Numbers((length + 1) * panelStride, 2);
                float[] sums = Numbers(FloatTile.Rows * sumStride, 3);
                for (int i = 0; i < sums.Length; i++)
                    sums[i] = i % sumStride < width ? sums[i] : Guard;
                float[] before = [.. sums];
                fixed (float* w = weights, p = panel, s = sums)
                    tile(w, p, panelStride, width, s, sumStride, length, first);
                for (int i = 0; i < sums.Length; i++)
                {
                    int row = i / sumStride, token = i % sumStride;
                    double expected = first && token < width ? 0 : before[i];
                    for (int k = 0; token < width && k < length; k++)
                        expected += (double)weights[(row * FloatGemm.RowStride) + k] * panel[(k * panelStride) + token];
                    Math.Abs(sums[i] - expected).Should().BeLessThan(1e-6 * (1 + length), "{0}, width {1}, row {2}, token {3}", tile.Method.DeclaringType, width, row, token);
                }
            }
        }
    }

    private static float[] Numbers(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
