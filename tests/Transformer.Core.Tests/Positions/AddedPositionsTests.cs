using System.Text.Json;
using Transformer.Core.Numerics;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Positions;

/// <summary>Positions that are added to embeddings or scores.</summary>
public class AddedPositionsTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(12)]
    public void Alibi_lowers_scores_by_the_reference_s_slopes(int heads)
    {
        float[] slopes = Reference.Components("alibi").Single(e => e.GetProperty("heads").GetInt32() == heads).Numbers("slopes");
        AlibiPositions alibi = new(heads);
        for (int head = 0; head < heads; head++)
        {
            // A query at 9 that sees the keys at 6 to 9, of score 1 each.
            float[] scores = [1, 1, 1, 1];
            alibi.BiasScores(head, 9, 6, scores);
            Difference.Relative(scores, (float[])[1 - (3 * slopes[head]), 1 - (2 * slopes[head]), 1 - slopes[head], 1]).Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void Sinusoids_are_the_reference_s()
    {
        foreach (JsonElement entry in Reference.Components("sinusoidal"))
        {
            float[] hidden = Enumerable.Repeat(2f, 16).ToArray();
            new SinusoidalPositions(16).AddToEmbeddings([entry.GetProperty("position").GetInt32()], new MatrixSpan(hidden, 1, 16));
            float[] expected = [.. entry.Numbers("values").Select(v => v + 2)];
            Difference.Relative(hidden, expected).Should().BeLessThan(1e-6);
        }
    }

    [Fact]
    public void Sinusoids_of_an_odd_width_end_with_a_sine()
    {
        float[] hidden = new float[5];
        new SinusoidalPositions(5).AddToEmbeddings([7], new MatrixSpan(hidden, 1, 5));
        hidden[4].Should().BeApproximately((float)Math.Sin(7 / Math.Pow(10000, 4.0 / 5)), 1e-6f);
    }

    [Fact]
    public void Learned_positions_add_the_row_of_the_position()
    {
        NoiseWeights weights = new(3);
        ComponentContext context = Bench.Context(weights, hidden: 6);
        float[] hidden = new float[12];
        new LearnedPositions(context).AddToEmbeddings([63, 2], new MatrixSpan(hidden, 2, 6));
        float[] table = weights.Values("model.embed_positions.weight", 64, 6);
        hidden.Should().Equal([.. table[(63 * 6)..], .. table[12..18]]);
    }

    [Fact]
    public void No_positions_change_nothing()
    {
        float[] values = [1, 2, 3, 4];
        IPositionalEncoder none = new NoPositions();
        none.AddToEmbeddings([5], new MatrixSpan(values, 1, 4));
        none.Rotate([5], new MatrixSpan(values, 1, 4), 2);
        none.BiasScores(0, 5, 2, values);
        values.Should().Equal(1, 2, 3, 4);
    }
}
