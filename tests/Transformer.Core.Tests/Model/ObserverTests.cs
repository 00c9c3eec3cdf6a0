using Transformer.Core.Attention;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Model;

/// <summary>Watching a pass, and reaching into it.</summary>
public class ObserverTests
{
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9];

    [Fact]
    public void Points_come_in_the_order_of_the_article_s_pass() => Names("article").Should().Equal(
        "embedding", "embedding.positioned",
        "layers.0.residual.before", "layers.0.attention.q", "layers.0.attention.k", "layers.0.attention.v",
        "layers.0.attention.q.rotated", "layers.0.attention.k.rotated", "layers.0.attention.scores", "layers.0.attention.pattern",
        "layers.0.attention.z", "layers.0.attention.out", "layers.0.attention.post_norm.scale", "layers.0.attention.post_norm", "layers.0.residual.middle",
        "layers.0.feed_forward.pre", "layers.0.feed_forward.post", "layers.0.feed_forward.out",
        "layers.0.feed_forward.post_norm.scale", "layers.0.feed_forward.post_norm", "layers.0.residual.after",
        "final_norm.scale", "final_norm", "logits");

    [Fact]
    public void Points_come_in_the_order_of_llama_s_pass() => Names("llama").Should().Equal(
        "embedding", "embedding.positioned",
        "layers.0.residual.before", "layers.0.attention.norm.scale", "layers.0.attention.norm", "layers.0.attention.q", "layers.0.attention.k", "layers.0.attention.v",
        "layers.0.attention.q.rotated", "layers.0.attention.k.rotated", "layers.0.attention.scores", "layers.0.attention.pattern",
        "layers.0.attention.z", "layers.0.attention.out", "layers.0.residual.middle", "layers.0.feed_forward.norm.scale", "layers.0.feed_forward.norm",
        "layers.0.feed_forward.pre", "layers.0.feed_forward.up", "layers.0.feed_forward.post", "layers.0.feed_forward.out", "layers.0.residual.after",
        "final_norm.scale", "final_norm", "logits");

    [Theory]
    [InlineData("article", null)]
    [InlineData("gpt2", null)]
    [InlineData("llama", null)]
    [InlineData("llama", 4)]
    [InlineData("llama", 37)]
    public void Watching_changes_no_result(string family, int? window)
    {
        TransformerBuilder builder = TinyModels.Builder(family);
        if (window is not null)
            builder.WithAttention(c => new MultiHeadAttention(c, window: window));
        TransformerModel model = builder.Build();
        foreach (int length in (int[])[1, 5, 8, 21, 70])
        {
            int[] tokens = Noise.Tokens(1, length, TinyModels.Vocabulary);
            float[] unobserved = model.AllLogits(tokens);
            model.AllLogits(tokens, new Recorder((_, point) => point is not (ActivationPoints.Scores or ActivationPoints.Pattern))).Should().Equal(unobserved);

            // Whole rows of scores exist only for an observer, and are then normalized before they weigh the values.
            float[] observed = model.AllLogits(tokens, new Recorder());
            observed.Zip(unobserved).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        }
    }

    [Fact]
    public void Values_have_the_shapes_the_names_promise()
    {
        Recorder recorder = Watch("llama");
        recorder.Shapes["embedding"].Should().Be((6, 24, 1));
        recorder.Shapes["layers.1.attention.q"].Should().Be((6, 24, 4));
        recorder.Shapes["layers.1.attention.k"].Should().Be((6, 12, 2));
        recorder.Shapes["layers.1.attention.scores"].Should().Be((4 * 6, 6, 4));
        recorder.Shapes["layers.1.attention.z"].Should().Be((6, 24, 4));
        recorder.Shapes["layers.1.feed_forward.post"].Should().Be((6, 40, 1));
        recorder.Shapes["logits"].Should().Be((6, 50, 1));
    }

    [Fact]
    public void What_a_norm_divides_by_is_shown()
    {
        // Of a trained model both weights and biases are known only to the norm: divide and compare where they are 1 and 0.
        Recorder recorder = new();
        TinyModels.Builder("llama").WithWeights(new RandomWeights(3)).Build().AllLogits(Tokens, recorder);
        for (int row = 0; row < Tokens.Length; row++)
            for (int i = 0; i < 24; i++)
                (recorder.Seen["layers.1.residual.before"][(row * 24) + i] / recorder.Seen["layers.1.attention.norm.scale"][row])
                    .Should().BeApproximately(recorder.Seen["layers.1.attention.norm"][(row * 24) + i], 1e-5f);

        recorder = new();
        TinyModels.Builder("article").WithWeights(new RandomWeights(3)).Build().AllLogits(Tokens, recorder);
        float[] before = recorder.Seen["layers.2.residual.after"][..20];
        (float scale, float mean) = (recorder.Seen["final_norm.scale"][0], before.Average());
        for (int i = 0; i < 20; i++)
            ((before[i] - mean) / scale).Should().BeApproximately(recorder.Seen["final_norm"][i], 1e-5f);
    }

    [Fact]
    public void Patterns_are_causal_and_sum_to_one()
    {
        Recorder recorder = Watch("llama");
        float[] scores = recorder.Seen["layers.2.attention.scores"];
        float[] pattern = recorder.Seen["layers.2.attention.pattern"];
        for (int row = 0; row < 4 * 6; row++)
        {
            pattern.AsSpan(row * 6, 6).ToArray().Sum().Should().BeApproximately(1, 1e-5f);
            for (int key = (row % 6) + 1; key < 6; key++)
            {
                scores[(row * 6) + key].Should().Be(float.NegativeInfinity);
                pattern[(row * 6) + key].Should().Be(0);
            }
        }
    }

    [Fact]
    public void Only_what_is_wanted_is_shown()
    {
        Recorder recorder = new((layer, point) => layer == 1 && point == ActivationPoints.Pattern);
        TinyModels.Build("llama").AllLogits(Tokens, recorder);
        recorder.Names.Should().Equal("layers.1.attention.pattern");
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Without_what_the_heads_mixed_attention_puts_out_nothing(string family)
    {
        // Zero times Wo is zero, and the bias where there is one: the same as an output changed by hand.
        TransformerModel model = TinyModels.Build(family);
        float[] bias = family == "gpt2" ? new NoiseWeights(5).Values("model.layers.1.self_attn.o_proj.bias", 1, 24) : new float[model.HiddenSize];
        float[] zeroed = model.AllLogits(Tokens, new Changer(1, ActivationPoints.Mixed, values =>
        {
            for (int row = 0; row < values.Rows; row++)
                values[row].Clear();
        }));
        zeroed.Should().Equal(model.AllLogits(Tokens, new Changer(1, ActivationPoints.AttentionOut, values =>
        {
            for (int row = 0; row < values.Rows; row++)
                bias.CopyTo(values[row]);
        })));
        zeroed.Should().NotEqual(model.AllLogits(Tokens));
    }

    [Fact]
    public void A_changed_pattern_is_used()
    {
        // Each head looks at itself alone: what it mixes are its own values.
        Recorder recorder = new();
        Both both = new(recorder, new Changer(0, ActivationPoints.Pattern, values =>
        {
            for (int row = 0; row < values.Rows; row++)
            {
                values[row].Clear();
                values[row][row % values.Columns] = 1;
            }
        }));
        TinyModels.Build("article").AllLogits(Tokens, both);
        recorder.Seen["layers.0.attention.z"].Should().Equal(recorder.Seen["layers.0.attention.v"]);
    }

    [Fact]
    public void A_score_written_behind_the_mask_is_not_used()
    {
        TransformerModel model = TinyModels.Build("llama");
        float[] lifted = model.AllLogits(Tokens, new Changer(1, ActivationPoints.Scores, values =>
        {
            for (int row = 0; row < values.Rows; row++)
                values[row][((row % values.Columns) + 1)..].Fill(50);
        }));
        lifted.Should().Equal(model.AllLogits(Tokens, new Changer(1, ActivationPoints.Scores, _ => { })));
    }

    [Fact]
    public void Another_run_s_residual_gives_the_other_run_s_logits()
    {
        TransformerModel model = TinyModels.Build("gpt2");
        int[] others = [2, 7, 1, 8, 2, 8];
        Recorder recorder = new((_, point) => point is not (ActivationPoints.Scores or ActivationPoints.Pattern));
        float[] expected = model.AllLogits(others, recorder);
        float[] residual = recorder.Seen["layers.1.residual.after"];
        model.AllLogits(Tokens, new Changer(1, ActivationPoints.ResidualAfter, values => residual.CopyTo(values.Data))).Should().Equal(expected);
    }

    [Fact]
    public void Changed_logits_are_the_session_s()
    {
        using DecoderSession session = TinyModels.Build("llama").CreateSession();
        session.Observer = new Changer(-1, ActivationPoints.Logits, values => values[0][7] = 1000);
        session.Forward([1, 2])[7].Should().Be(1000);
    }

    private static IEnumerable<string> Names(string family)
    {
        Recorder recorder = new();
        TinyModels.Builder(family).WithLayers(1).Build().AllLogits(Tokens, recorder);
        return recorder.Names;
    }

    private static Recorder Watch(string family)
    {
        Recorder recorder = new();
        TinyModels.Build(family).AllLogits(Tokens, recorder);
        return recorder;
    }

    private sealed class Both(IActivationObserver first, IActivationObserver second) : IActivationObserver
    {
        public bool Wants(int layer, string point) => first.Wants(layer, point) || second.Wants(layer, point);

        public void Observe(in Activation activation)
        {
            first.Observe(activation);
            if (second.Wants(activation.Layer, activation.Point))
                second.Observe(activation);
        }
    }
}
