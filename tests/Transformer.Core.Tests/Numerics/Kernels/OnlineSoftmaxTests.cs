using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class OnlineSoftmaxTests
{
    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void A_piece_agrees_with_the_scalar_twin(int length)
    {
        foreach (float before in (float[])[float.NegativeInfinity, -2, 1000])
            KernelCheck.Row(length, Kernel(before, OnlineSoftmax.Advance), Kernel(before, OnlineSoftmax.Scalar), 3e-7, scale: 60);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Pieces_make_the_whole_softmax(int piece)
    {
        float[] row = KernelCheck.Random(333, 5, scale: 20);
        float[] expected = [.. row];
        Softmax.Scalar(expected);
        float[] weights = new float[row.Length];
        float largest = float.NegativeInfinity, total = 0;
        for (int start = 0; start < row.Length; start += piece)
        {
            Span<float> scores = row.AsSpan(start, Math.Min(piece, row.Length - start));
            float factor = OnlineSoftmax.Advance(scores, ref largest, ref total);
            for (int i = 0; i < start; i++)
                weights[i] *= factor;
            scores.CopyTo(weights.AsSpan(start));
        }
        for (int i = 0; i < weights.Length; i++)
            (weights[i] / total).Should().BeApproximately(expected[i], 1e-6f);
    }

    [Fact]
    public void Nothing_but_masked_scores_weighs_nothing()
    {
        float[] row = [float.NegativeInfinity, float.NegativeInfinity];
        float largest = float.NegativeInfinity, total = 0;
        OnlineSoftmax.Advance(row, ref largest, ref total).Should().Be(1);
        row.Should().Equal(0, 0);
        (largest, total).Should().Be((float.NegativeInfinity, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(18)]
    public void A_score_that_is_no_number_spoils_the_total(int place)
    {
        float[] row = KernelCheck.Random(19, 1);
        row[place] = float.NaN;
        float largest = float.NegativeInfinity, total = 0;
        OnlineSoftmax.Advance(row, ref largest, ref total);
        total.Should().Be(float.NaN);
    }

    private delegate float Step(Span<float> row, ref float largest, ref float total);

    private static RowKernel Kernel(float before, Step step) => (x, y) =>
    {
        x.CopyTo(y);
        float largest = before, total = 3;
        step(y, ref largest, ref total);
    };
}
