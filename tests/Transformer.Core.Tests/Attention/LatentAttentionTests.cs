using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Attention;

/// <summary>Against attention over whole keys and values, made for every head, in double precision.</summary>
public class LatentAttentionTests
{
    private const int Hidden = 22;
    private const int Heads = 3;
    private const int Rank = 20;
    private const int Nope = 6;
    private const int Rope = 4;
    private const int Value = 5;

    public static TheoryData<int, int?> Cases => new() { { 1, null }, { 9, null }, { 9, 8 }, { 100, null }, { 300, 8 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_attention_over_the_keys_and_values_that_latents_stand_for(int rows, int? queryRank)
    {
        NoiseWeights weights = new(3);
        float[] x = Noise.Floats(1, rows * Hidden);
        Difference.Relative(Bench.Run(Make(weights, queryRank), x, Hidden), Plain(weights, x, rows, queryRank)).Should().BeLessThan(2e-5);
    }

    [Fact]
    public void Only_the_latent_and_the_rotated_key_are_remembered()
    {
        LatentAttention attention = Make(new NoiseWeights(3), null);
        attention.StateBytes(64).Should().Be(64 * (Rank + Rope) * sizeof(float));
        using ISequenceState state = attention.CreateState(64);
        Feed(attention, state, Noise.Floats(1, 64 * Hidden));
        state.SizeInBytes.Should().Be(64 * (Rank + Rope) * sizeof(float));
    }

    [Theory]
    [InlineData("F32", 1e-6)]
    [InlineData("F16", 6e-3)]
    [InlineData("BF16", 5e-2)]
    [InlineData("Q8_0", 0.2)]
    public void Latents_may_be_stored_in_fewer_bits(string name, double tolerance)
    {
        TransformerModel Model(WeightFormat format) => TinyModels.Builder("deepseek").WithKvCache(format)
            .WithFeedForward(c => new GatedMlp(c)) // experts change with a score's last bits
            .WithAttention(c => new LatentAttention(c, new(28, 6, 4, 7), (n, width) => new RmsNormalization(n, width: width))).Build();
        int[] tokens = Noise.Tokens(4, 200, TinyModels.Vocabulary);
        float[] expected = Model(WeightFormat.Float32).AllLogits(tokens);
        TransformerModel model = Model(WeightFormat.All.Single(known => known.Name == name));
        Difference.Relative(model.AllLogits(tokens), expected).Should().BeLessThan(tolerance);

        // Decoded, with whole rows of scores for an observer, and continued from a saved state.
        using DecoderSession session = model.CreateSession();
        session.Forward(tokens.AsSpan(0, 199));
        using MemoryStream saved = new();
        session.Save(saved);
        float[] next = session.Forward(tokens[199]).ToArray();
        Difference.Relative(next, expected.AsSpan(199 * TinyModels.Vocabulary)).Should().BeLessThan(tolerance);
        using DecoderSession other = model.CreateSession();
        saved.Position = 0;
        other.Load(saved);
        other.Observer = new Recorder((_, point) => point == ActivationPoints.Pattern);
        Difference.Relative(other.Forward(tokens[199]), next).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void A_cache_of_keys_and_values_is_not_taken_for_one_of_latents()
    {
        using KvCache plain = new(10, 1, Rank + Rope);
        float[] row = new float[Rank + Rope];
        plain.Append(new MatrixSpan(row, 1, row.Length), new MatrixSpan(row, 1, row.Length));
        using MemoryStream stream = new();
        plain.Save(stream);
        stream.Position = 0;
        using ISequenceState state = Make(new NoiseWeights(3), null).CreateState(10);
        state.Invoking(s => s.Load(stream)).Should().Throw<InvalidDataException>().WithMessage("*signature*");
    }

    [Theory]
    [InlineData(0, 1, 1, 1, null, "KvLoraRank")]
    [InlineData(1, 0, 1, 1, null, "QkNopeHeadDim")]
    [InlineData(1, 1, 0, 1, null, "QkRopeHeadDim")]
    [InlineData(1, 1, 1, 0, null, "VHeadDim")]
    [InlineData(1, 1, 1, 1, 0, "QLoraRank")]
    public void Sizes_that_cannot_be_are_refused(int rank, int nope, int rope, int value, int? queryRank, string name) =>
        FluentActions.Invoking(() => new LatentAttention(Bench.Context(new NoiseWeights(1), Hidden, Heads), new(rank, nope, rope, value, queryRank), (n, width) => new RmsNormalization(n, width: width)))
            .Should().Throw<ArgumentException>().WithMessage($"*{name}: expected at least 1, found 0*");

    private static LatentAttention Make(NoiseWeights weights, int? queryRank) => new(
        Bench.Context(weights, Hidden, Heads, positions: new RotaryPositions(Rope, pairing: RopePairing.Interleaved)),
        new(Rank, Nope, Rope, Value, queryRank),
        (n, width) => new RmsNormalization(n, 1e-6, width));

    private static void Feed(LatentAttention attention, ISequenceState state, float[] x) =>
        Bench.Run(x, Hidden, Hidden, state, (MatrixSpan input, MatrixSpan output, in ForwardContext context) => attention.Forward(input, output, context));

    private static double[] Plain(NoiseWeights weights, float[] x, int rows, int? queryRank)
    {
        const int head = Nope + Rope;
        double[] input = [.. x.Select(v => (double)v)];
        double[] queries = queryRank is { } rank
            ? Map(weights, "q_b_proj", Heads * head, Norm(weights, "q_a_layernorm", Map(weights, "q_a_proj", rank, input, Hidden), rank), rank)
            : Map(weights, "q_proj", Heads * head, input, Hidden);
        double[] down = Map(weights, "kv_a_proj_with_mqa", Rank + Rope, input, Hidden);
        double[] latents = Norm(weights, "kv_a_layernorm", [.. Enumerable.Range(0, rows * Rank).Select(i => down[(i / Rank * (Rank + Rope)) + (i % Rank)])], Rank);
        float[] keyUp = weights.Values("k_b_proj.weight", Heads * Rank, Nope);
        float[] valueUp = weights.Values("v_b_proj.weight", Heads * Value, Rank);

        double[] mixed = new double[rows * Heads * Value];
        for (int h = 0; h < Heads; h++)
        {
            double[][] keys = new double[rows][];
            double[][] values = new double[rows][];
            for (int t = 0; t < rows; t++)
            {
                double[] c = latents[(t * Rank)..((t + 1) * Rank)];
                double[] nope = [.. Enumerable.Range(0, Nope).Select(i => Enumerable.Range(0, Rank).Sum(r => keyUp[(((h * Rank) + r) * Nope) + i] * c[r]))];
                keys[t] = [.. nope, .. Rotate(down.AsSpan((t * (Rank + Rope)) + Rank, Rope), t)];
                values[t] = [.. Enumerable.Range(0, Value).Select(i => Enumerable.Range(0, Rank).Sum(r => valueUp[(((h * Value) + i) * Rank) + r] * c[r]))];
            }
            for (int t = 0; t < rows; t++)
            {
                ReadOnlySpan<double> own = queries.AsSpan((t * Heads * head) + (h * head), head);
                double[] q = [.. own[..Nope], .. Rotate(own[Nope..], t)];
                double[] scores = [.. Enumerable.Range(0, t + 1).Select(k => Math.Exp(q.Zip(keys[k], (a, b) => a * b).Sum() / Math.Sqrt(head)))];
                for (int i = 0; i < Value; i++)
                    mixed[(t * Heads * Value) + (h * Value) + i] = Enumerable.Range(0, t + 1).Sum(k => scores[k] * values[k][i]) / scores.Sum();
            }
        }
        return Map(weights, "o_proj", Hidden, mixed, Heads * Value);
    }

    private static double[] Rotate(ReadOnlySpan<double> pairs, int position)
    {
        double[] rotated = new double[pairs.Length];
        for (int i = 0; i < pairs.Length; i += 2)
        {
            double angle = position * Math.Pow(10000, -(double)i / pairs.Length);
            rotated[i] = (pairs[i] * Math.Cos(angle)) - (pairs[i + 1] * Math.Sin(angle));
            rotated[i + 1] = (pairs[i] * Math.Sin(angle)) + (pairs[i + 1] * Math.Cos(angle));
        }
        return rotated;
    }

    private static double[] Map(NoiseWeights weights, string name, int outputs, double[] x, int inputs)
    {
        float[] w = weights.Values(name + ".weight", outputs, inputs);
        return [.. Enumerable.Range(0, x.Length / inputs * outputs).Select(i => Enumerable.Range(0, inputs).Sum(k => x[(i / outputs * inputs) + k] * w[(i % outputs * inputs) + k]))];
    }

    private static double[] Norm(NoiseWeights weights, string name, double[] x, int width)
    {
        float[] w = weights.Values(name + ".weight", 1, width);
        return [.. x.Select((v, i) => v * w[i % width] / Math.Sqrt((x.Skip(i / width * width).Take(width).Sum(u => u * u) / width) + 1e-6))];
    }
}
