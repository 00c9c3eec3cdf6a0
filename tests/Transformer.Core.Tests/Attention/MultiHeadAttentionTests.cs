using Transformer.Core.Attention;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;
using Xunit.Abstractions;

namespace Transformer.Core.Tests.Attention;

/// <summary>Against a plain computation in double precision.</summary>
public class MultiHeadAttentionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(4, 4, 8, false)] // multi-head
    [InlineData(6, 2, 8, false)] // grouped-query
    [InlineData(5, 1, 8, false)] // multi-query
    [InlineData(2, 1, 28, true)]
    [InlineData(6, 3, 5, true)]
    [InlineData(1, 1, 1, true)]
    public void Heads_groups_and_biases(int heads, int kvHeads, int headDim, bool bias) =>
        Check(new NoiseWeights(heads + headDim), 30, heads, kvHeads, headDim, rows: 9, bias, bias);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_output_s_bias_is_chosen_on_its_own(bool bias, bool outputBias) => Check(new NoiseWeights(2), 12, 3, 3, 4, rows: 5, bias, outputBias);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void A_window_ends_the_view_back(int window) => Check(new NoiseWeights(3), 12, 3, 3, 4, rows: 12, bias: false, outputBias: false, window: window);

    [Fact]
    public void The_scale_can_be_chosen() => Check(new NoiseWeights(3), 12, 3, 3, 4, rows: 6, bias: false, outputBias: false, scale: 0.9);

    [Theory]
    [InlineData(6, null)] // row by row
    [InlineData(40, null)] // in tiles
    [InlineData(40, 7)]
    public void Scores_can_be_capped_and_sinks_take_their_share(int rows, int? window)
    {
        Check(new NoiseWeights(3), 12, 4, 2, 5, rows, bias: false, outputBias: false, window: window, scoreCap: 0.7);
        Check(new NoiseWeights(3), 12, 4, 2, 5, rows, bias: false, outputBias: false, window: window, sinks: true);
        Check(new NoiseWeights(3), 12, 4, 2, 5, rows, bias: false, outputBias: false, window: window, scale: 2, scoreCap: 1.5, sinks: true);
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 5)]
    [InlineData(true, 40)]
    public void Queries_and_keys_can_be_normalized(bool perHead, int rows)
    {
        NoiseWeights weights = new(6);
        float[] x = Noise.Floats(5, rows * 12);
        QueryKeyNorm norm = perHead
            ? QueryKeyNorm.PerHead((c, width) => new RmsNormalization(c, width: width))
            : QueryKeyNorm.AllHeads((c, width) => new RmsNormalization(c, width: width));
        MultiHeadAttention attention = new(Bench.Context(weights, 12, 4, 2, 5), queryKeyNorm: norm);
        PlainAttention plain = new() { Weights = weights, Hidden = 12, Heads = 4, KvHeads = 2, HeadDim = 5, NormPerHead = perHead };
        Difference.Relative(Bench.Run(attention, x, 12), plain.Forward(x)).Should().BeLessThan(1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void An_impossible_cap_is_refused(double cap) =>
        FluentActions.Invoking(() => new MultiHeadAttention(Bench.Context(new NoiseWeights(1), 16, 4, 4, 4), scoreCap: cap))
            .Should().Throw<ArgumentException>().WithMessage("ScoreCap*");

    [Theory]
    [InlineData(28, 128)]
    [InlineData(128, 28)]
    public void The_article_s_full_width(int heads, int headDim) => Check(new RandomWeights(1), 3584, heads, heads, headDim, rows: 3, bias: false, outputBias: false);

    [Fact]
    public void Positions_bias_the_scores_of_their_head()
    {
        float[] slopes = [.. Reference.Components("alibi").First().Numbers("slopes")];
        NoiseWeights weights = new(9);
        float[] x = Noise.Floats(1, 7 * 12);
        MultiHeadAttention attention = new(Bench.Context(weights, 12, 4, 2, 3, positions: new AlibiPositions(4)));
        PlainAttention plain = new() { Weights = weights, Hidden = 12, Heads = 4, KvHeads = 2, HeadDim = 3, ScoreBias = (head, query, key) => -slopes[head] * (query - key) };
        Difference.Relative(Bench.Run(attention, x, 12), plain.Forward(x)).Should().BeLessThan(1e-5);
    }

    [Theory]
    [InlineData(0, 1, 4, null, "Heads")]
    [InlineData(4, 3, 4, null, "KvHeads")]
    [InlineData(4, 4, 0, null, "HeadDim")]
    [InlineData(4, 4, 4, 0, "Window")]
    public void Impossible_sizes_are_refused(int heads, int kvHeads, int headDim, int? window, string named) =>
        ((Action)(() => _ = new MultiHeadAttention(Bench.Context(new NoiseWeights(1), 16), heads, kvHeads, headDim, window: window)))
            .Should().Throw<ArgumentException>().WithMessage($"{named}*");

    private void Check(IWeightSource weights, int hidden, int heads, int kvHeads, int headDim, int rows, bool bias, bool outputBias, int? window = null, double? scale = null, double? scoreCap = null, bool sinks = false)
    {
        float[] x = Noise.Floats(hidden, rows * hidden);
        MultiHeadAttention attention = new(Bench.Context(weights, hidden, heads, kvHeads, headDim), bias: bias, outputBias: outputBias, window: window, scale: scale, scoreCap: scoreCap, sinks: sinks);
        PlainAttention plain = new()
        {
            Weights = weights,
            Hidden = hidden,
            Heads = heads,
            KvHeads = kvHeads,
            HeadDim = headDim,
            Bias = bias,
            OutputBias = outputBias,
            Window = window ?? int.MaxValue,
            Scale = scale,
            ScoreCap = scoreCap,
            Sinks = sinks,
        };
        double difference = Difference.Relative(Bench.Run(attention, x, hidden), plain.Forward(x));
        output.WriteLine($"{heads} heads of {headDim}, {kvHeads} kv heads: {difference:e2}");
        difference.Should().BeLessThan(1e-5);
    }
}
