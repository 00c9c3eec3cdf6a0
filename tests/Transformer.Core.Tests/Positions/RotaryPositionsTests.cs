using System.Text.Json;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Positions;

public class RotaryPositionsTests
{
    [Fact]
    public void Rotation_is_the_reference_s_for_every_scaling_and_both_pairings()
    {
        int cases = 0;
        foreach (JsonElement entry in Reference.Components("rope"))
        {
            int dim = entry.GetProperty("head_dim").GetInt32();
            double theta = entry.GetProperty("rope_theta").GetDouble();
            RopeScaling? scaling = Scaling(entry.GetProperty("scaling"));
            foreach (JsonElement applied in entry.GetProperty("applied").EnumerateArray())
            {
                Check(RopePairing.HalfSplit, "half_split");
                Check(RopePairing.Interleaved, "interleaved");

                void Check(RopePairing pairing, string name)
                {
                    // Two heads: the second must be turned by the same angles.
                    float[] q = applied.Numbers("q");
                    float[] vectors = [.. q, .. q];
                    int position = applied.GetProperty("position").GetInt32();
                    new RotaryPositions(dim, theta, pairing, scaling).Rotate([position], new MatrixSpan(vectors, 1, 2 * dim), dim);
                    float[] expected = applied.Numbers(name);
                    Difference.Relative(vectors, (float[])[.. expected, .. expected]).Should().BeLessThan(1e-6, "{0}, {1}, dim {2}, position {3}", entry.GetProperty("scaling"), name, dim, position);
                    cases++;
                }
            }
        }
        cases.Should().Be(5 * 2 * 5 * 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(22)]
    [InlineData(128)]
    public void Angles_are_those_of_each_position_by_itself(int dim)
    {
        double[] frequencies = RopeScaling.Plain(dim, 10000);
        RotaryPositions rotary = new(dim);
        int[] positions = [0, 1, 31, 32, 33, 4095, 4096, 4095, 100_001, 2_000_000_011];
        float[] together = Ones(positions.Length);
        rotary.Rotate(positions, new MatrixSpan(together, positions.Length, dim), dim);
        for (int row = 0; row < positions.Length; row++)
        {
            float[] alone = Ones(1);
            rotary.Rotate([positions[row]], new MatrixSpan(alone, 1, dim), dim);
            together.AsSpan(row * dim, dim).SequenceEqual(alone).Should().BeTrue("position {0} may not depend on the one before", positions[row]);
            for (int i = 0; i < dim / 2; i++)
            {
                (double sine, double cosine) = Math.SinCos(positions[row] * frequencies[i]);
                alone[i].Should().BeApproximately((float)(cosine - sine), 2e-7f, "position {0}, pair {1}", positions[row], i);
                alone[i + (dim / 2)].Should().BeApproximately((float)(sine + cosine), 2e-7f, "position {0}, pair {1}", positions[row], i);
            }
        }

        float[] Ones(int rows)
        {
            float[] ones = new float[rows * dim];
            ones.AsSpan().Fill(1);
            return ones;
        }
    }

    [Fact]
    public void Frequencies_are_the_reference_s()
    {
        foreach (JsonElement entry in Reference.Components("rope"))
        {
            int dim = entry.GetProperty("head_dim").GetInt32();
            double theta = entry.GetProperty("rope_theta").GetDouble();
            RopeScaling? scaling = Scaling(entry.GetProperty("scaling"));
            double[] frequencies = scaling?.Frequencies(dim, theta) ?? RopeScaling.Plain(dim, theta);
            float[] expected = entry.Numbers("inv_freq");
            frequencies.Length.Should().Be(expected.Length);
            for (int i = 0; i < expected.Length; i++)
                (frequencies[i] / expected[i]).Should().BeApproximately(1, 1e-6, "{0}", entry.GetProperty("scaling"));
            (scaling?.Magnitude ?? 1).Should().BeApproximately(entry.GetProperty("attention_factor").GetDouble(), 1e-6);
        }
    }

    [Fact]
    public void Only_the_first_features_of_a_head_are_rotated_where_fewer_are()
    {
        float[] vectors = Noise.Floats(1, 2 * 10);
        float[] before = [.. vectors];
        new RotaryPositions(4).Rotate([3], new MatrixSpan(vectors, 1, 20), 10);
        foreach (int head in (int[])[0, 1])
        {
            vectors[(head * 10)..((head * 10) + 4)].Should().NotEqual(before[(head * 10)..((head * 10) + 4)]);
            vectors[((head * 10) + 4)..((head + 1) * 10)].Should().Equal(before[((head * 10) + 4)..((head + 1) * 10)]);
        }
    }

    [Fact]
    public void Scores_depend_on_the_distance_alone()
    {
        float[] q = Noise.Floats(1, 16);
        float[] k = Noise.Floats(2, 16);
        RotaryPositions rotary = new(16);
        double near = Score(12, 7);
        Score(1012, 1007).Should().BeApproximately(near, 1e-5);
        Math.Abs(Score(13, 7) - near).Should().BeGreaterThan(1e-3);

        double Score(int queryPosition, int keyPosition)
        {
            float[] both = [.. q, .. k];
            rotary.Rotate([queryPosition, keyPosition], new MatrixSpan(both, 2, 16), 16);
            return both.Take(16).Zip(both.Skip(16), (a, b) => (double)a * b).Sum();
        }
    }

    [Fact]
    public void Divisors_divide_the_frequencies_one_by_one()
    {
        double[] plain = RopeScaling.Plain(6, 10000);
        new RopeScaling.PerFrequency([1, 2, 8]).Frequencies(6, 10000).Should().Equal(plain[0], plain[1] / 2, plain[2] / 8);
    }

    [Theory]
    [InlineData(3, 10000)]
    [InlineData(0, 10000)]
    [InlineData(4, 1)]
    [InlineData(4, double.NaN)]
    public void Impossible_sizes_are_refused(int dim, double theta) =>
        ((Action)(() => _ = new RotaryPositions(dim, theta))).Should().Throw<ArgumentException>();

    private static RopeScaling? Scaling(JsonElement scaling)
    {
        double Number(string name) => scaling.GetProperty(name).GetDouble();
        return scaling.GetProperty("rope_type").GetString() switch
        {
            "linear" => new RopeScaling.Linear(Number("factor")),
            "ntk" => new RopeScaling.Ntk(Number("factor")),
            "yarn" => new RopeScaling.Yarn(Number("factor"), (int)Number("original_max_position_embeddings"), Number("beta_fast"), Number("beta_slow")),
            "llama3" => new RopeScaling.Llama3(Number("factor"), Number("low_freq_factor"), Number("high_freq_factor"), (int)Number("original_max_position_embeddings")),
            _ => null,
        };
    }
}
