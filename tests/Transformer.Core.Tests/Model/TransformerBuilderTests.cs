using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Model;

public class TransformerBuilderTests
{
    [Fact]
    public void All_wrong_sizes_are_listed_at_once()
    {
        IReadOnlyList<string> problems = Problems(new TransformerBuilder()
            .WithHiddenSize(10).WithHeads(3).WithLayers(-2).WithContextLength(0).WithDropout(1.5).WithLayer(7, _ => { }));
        problems.Should().HaveCount(7);
        foreach (string name in (string[])["Weights", "VocabSize", "Layers", "ContextLength", "Heads", "DropoutRate", "WithLayer"])
            problems.Should().ContainSingle(p => p.StartsWith(name + ":", StringComparison.Ordinal)).Which.Should().Contain("expected").And.Contain("found");
    }

    [Fact]
    public void Missing_and_misshapen_tensors_are_listed_at_once_each_with_what_was_found()
    {
        TransformerBuilder good = TransformerBuilder.FromPretrained(Reference.Folder("article-tiny"));
        ChangedWeights weights = new(good.Weights!);
        weights.Missing.Add("model.layers.1.self_attn.k_proj.weight");
        weights.Missing.Add("model.norm.bias");
        weights.Shapes["model.layers.0.mlp.up_proj.weight"] = new TensorShape(95, 24);
        weights.Shapes["model.embed_tokens.weight"] = new TensorShape(61, 23);
        Problems(good.WithWeights(weights)).Should().BeEquivalentTo(
            "changed: tensor 'model.embed_tokens.weight': expected shape [61, 24], found [61, 23].",
            "changed: tensor 'model.layers.0.mlp.up_proj.weight': expected shape [96, 24], found [95, 24].",
            "changed: tensor 'model.layers.1.self_attn.k_proj.weight': expected shape [24, 24], found no tensor of this name.",
            "changed: tensor 'model.norm.bias': expected shape [24], found no tensor of this name.");
    }

    [Fact]
    public void What_a_factory_refuses_is_a_problem_among_the_others()
    {
        IReadOnlyList<string> problems = Problems(TinyModels.Builder("article")
            .WithAttention(c => new MultiHeadAttention(c, heads: 4, kvHeads: c.Layer == 1 ? 3 : 4))
            .WithLayer(2, l => l.WithFeedForward(_ => null!)));
        problems.Should().HaveCount(2);
        problems[0].Should().StartWith("model.layers.1.self_attn: KvHeads");
        problems[1].Should().StartWith("model.layers.2.mlp:");
    }

    [Fact]
    public void An_untouched_checkpoint_must_be_read_in_full()
    {
        // Five layers' worth of weights, four of them asked for.
        Action build = () => FromChanged(builder => builder.WithLayers(2)).Build();
        build.Should().Throw<ModelBuildException>().Which.Problems.Should().AllSatisfy(p => p.Should().Contain("model.layers.2.").And.Contain("no component"))
            .And.HaveCount(12);
        FromChanged(builder => builder.WithLayers(2).WithFeedForward(c => new Mlp(c, ActivationFunction.Silu))).Build().Layers.Should().HaveCount(2);

        static TransformerBuilder FromChanged(Func<TransformerBuilder, TransformerBuilder> change) => change(TransformerBuilder.FromPretrained(Reference.Folder("article-tiny")));
    }

    [Fact]
    public void A_part_of_a_checkpoint_can_be_swapped()
    {
        (int[] tokens, float[] expected) = Reference.Logits("article-tiny");
        TransformerBuilder builder = TransformerBuilder.FromPretrained(Reference.Folder("article-tiny"));
        builder.WithFeedForward(c => new Mlp(c, ActivationFunction.Silu));
        Difference.Relative(builder.Build().AllLogits(tokens), expected).Should().BeGreaterThan(1e-3);
        builder.WithFeedForward(c => new Mlp(c, ActivationFunction.Relu));
        Difference.Relative(builder.Build().AllLogits(tokens), expected).Should().BeLessThan(1e-4);
    }

    [Fact]
    public void Factories_see_the_layer_and_the_sizes()
    {
        List<int> layers = [];
        TinyModels.Builder("llama").WithAttention(c =>
        {
            layers.Add(c.Layer);
            (c.Layers, c.HiddenSize, c.Heads, c.KvHeads, c.HeadDim, c.IntermediateSize, c.VocabSize, c.ContextLength).Should().Be((3, 24, 4, 2, 6, 40, 50, 1200));
            c.Weights.Path.Should().Be($"model.layers.{c.Layer}.self_attn");
            c.Positions.Should().BeOfType<RotaryPositions>();
            return new MultiHeadAttention(c);
        }).Build();
        layers.Should().Equal(0, 1, 2);
    }

    [Fact]
    public void One_layer_can_be_different()
    {
        TransformerModel model = TinyModels.Builder("llama")
            .WithLayer(1, l => l
                .WithFeedForward(c => new Mlp(c))
                .WithNormalization(c => new LayerNormalization(c))
                .WithPositions(c => new AlibiPositions(c.Heads))
                .WithBlockLayout(BlockLayout.Parallel)
                .WithAttention(c => new MultiHeadAttention(c, window: c.Positions is AlibiPositions ? 3 : null)))
            .Build();
        model.Layers.Select(l => l.FeedForward.GetType()).Should().Equal(typeof(GatedMlp), typeof(Mlp), typeof(GatedMlp));
        model.Layers.Select(l => l.Layout).Should().Equal(BlockLayout.PreNorm, BlockLayout.Parallel, BlockLayout.PreNorm);
        model.Layers[1].Norms[0].Should().BeOfType<LayerNormalization>();
        model.Layers[2].Norms[0].Should().BeOfType<RmsNormalization>();
        model.Positions.Should().BeOfType<RotaryPositions>();
        model.AllLogits([1, 2, 3]).Should().OnlyContain(v => float.IsFinite(v));
    }

    [Fact]
    public void Random_weights_depend_on_the_seed_alone()
    {
        int[] tokens = [1, 2, 3];
        float[] first = Build(7).AllLogits(tokens);
        Build(7).AllLogits(tokens).Should().Equal(first);
        Build(8).AllLogits(tokens).Should().NotEqual(first);
        first.Should().OnlyContain(v => float.IsFinite(v)).And.Contain(v => v != 0);

        static TransformerModel Build(int seed) => new TransformerBuilder().WithVocabulary(40).WithHiddenSize(28).WithLayers(2).WithHeads(7).WithRandomWeights(seed).Build();
    }

    [Fact]
    public void Models_of_one_seed_share_the_weights_of_the_parts_they_share()
    {
        TransformerBuilder mlp = new TransformerBuilder().WithVocabulary(40).WithHiddenSize(28).WithLayers(2).WithHeads(7).WithRandomWeights(3);
        float[] attention = Attention(mlp);
        Attention(mlp.WithFeedForward(c => new GatedMlp(c))).Should().Equal(attention, "the first layer's attention comes before any feed-forward");

        static float[] Attention(TransformerBuilder builder)
        {
            Recorder recorder = new();
            builder.Build().AllLogits([1, 2, 3], recorder);
            return recorder.Seen["layers.0.attention.out"];
        }
    }

    private static IReadOnlyList<string> Problems(TransformerBuilder builder)
    {
        ModelBuildException thrown = ((Action)(() => builder.Build())).Should().Throw<ModelBuildException>().Which;
        foreach (string problem in thrown.Problems)
            thrown.Message.Should().Contain(problem);
        return thrown.Problems;
    }

    private sealed class ChangedWeights(IWeightSource source) : IWeightSource
    {
        public HashSet<string> Missing { get; } = [];

        public Dictionary<string, TensorShape> Shapes { get; } = [];

        public string Origin => "changed";

        public IEnumerable<string> Names => source.Names;

        public bool Contains(string name) => source.Contains(name) && !Missing.Contains(name);

        public Tensor? Find(string name, TensorShape shape) =>
            Missing.Contains(name) ? null : source.Find(name, shape) is { } found ? found with { Shape = Shapes.GetValueOrDefault(name, found.Shape) } : null;

        public void Dispose()
        {
        }
    }
}
