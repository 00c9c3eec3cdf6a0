using Microsoft.Extensions.DependencyInjection;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Output;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Model;

/// <summary>Layers left out, repeated, reordered, inserted: as a model whose weights were arranged that way.</summary>
public class LayerPlacesTests
{
    private static readonly int[] Tokens = Noise.Tokens(3, 12, TinyModels.Vocabulary);

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 0, 1)]
    [InlineData(0, 2)]
    [InlineData(1)]
    [InlineData(0, 1, 1, 1, 2)]
    [InlineData(2, 2)]
    public void An_order_is_that_of_the_weights(params int[] order)
    {
        TransformerModel model = TinyModels.Builder("llama").WithLayerOrder(order).Build();
        TransformerModel expected = TinyModels.Builder("llama").WithLayers(order.Length).WithWeights(new ArrangedWeights(order)).Build();
        model.AllLogits(Tokens).Should().Equal(expected.AllLogits(Tokens));
        model.Layers.Should().HaveCount(order.Length);
    }

    [Fact]
    public void A_repeated_layer_has_its_weights_once_and_remembers_in_each_place()
    {
        ModelDescription once = TinyModels.Builder("llama").Describe();
        ModelDescription twice = TinyModels.Builder("llama").WithLayerOrder(0, 1, 2, 0, 1, 2).Describe();
        twice.ParameterCount.Should().Be(once.ParameterCount);
        twice.StateBytes.Should().Be(2 * once.StateBytes);

        using DecoderSession session = TinyModels.Builder("llama").WithLayerOrder(1, 1).Build().CreateSession();
        float[] all = session.Model.AllLogits(Tokens);
        foreach (int token in Tokens)
            session.Forward(token);
        session.Logits.ToArray().Zip(all[^TinyModels.Vocabulary..]).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-4);
    }

    [Fact]
    public void A_layer_left_out_is_an_order_without_it() =>
        TinyModels.Builder("gemma").WithoutLayer(1).Build().AllLogits(Tokens).Should().Equal(TinyModels.Builder("gemma").WithLayerOrder(0, 2).Build().AllLogits(Tokens));

    [Fact]
    public void Calls_mean_the_layers_as_they_stand()
    {
        // 0 1 2 -> 1 2 -> 2 1 -> its first is the file's layer 2.
        List<int> seen = [];
        TinyModels.Builder("llama").WithoutLayer(0).WithLayerOrder(1, 0).WithLayer(0, layer => layer.WithFeedForward(c =>
        {
            seen.Add(c.Layer);
            return new GatedMlp(c);
        })).Build();
        seen.Should().Equal(2);
    }

    [Fact]
    public void A_layer_of_another_source_can_be_inserted()
    {
        // Layer 1 of the other weights, grafted between 0 and 1.
        TransformerModel model = TinyModels.Builder("llama").WithInsertedLayer(1, layer => layer.WithWeights(new NoiseWeights(9), 1)).Build();
        TransformerModel expected = TinyModels.Builder("llama").WithLayers(4).WithWeights(new ArrangedWeights([0, 1, 1, 2], other: 1)).Build();
        model.AllLogits(Tokens).Should().Equal(expected.AllLogits(Tokens));
    }

    [Fact]
    public void A_layer_of_another_checkpoint_can_be_grafted()
    {
        static TransformerBuilder File() => TransformerBuilder.FromGguf(Data.Primer.File);
        float[] grafted = File().WithLayer(2, layer => layer.WithWeights(File(), 3)).Build().AllLogits(Tokens);
        grafted.Should().Equal(File().WithLayerOrder(0, 1, 3, 3, 4, 5).Build().AllLogits(Tokens));
        grafted.Should().NotEqual(File().Build().AllLogits(Tokens));
        ((Action)(() => File().WithLayer(2, layer => layer.WithWeights(new TransformerBuilder(), 3)).Build())).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void An_inserted_layer_reads_weights_of_its_own_name()
    {
        IEnumerable<string> names = TinyModels.Builder("llama").WithInsertedLayer(0, _ => { }).WithInsertedLayer(3, _ => { }).Describe().Components
            .Where(component => component.Name == "GatedMlp").Select(component => component.Path);
        names.Should().Equal("model.inserted.0.mlp", "model.layers.0.mlp", "model.layers.1.mlp", "model.inserted.1.mlp", "model.layers.2.mlp");
    }

    [Fact]
    public void A_part_replaced_everywhere_afterwards_is_replaced_there_too()
    {
        TransformerBuilder builder = TinyModels.Builder("llama").WithLayer(1, layer => layer.WithPositions(_ => new NoPositions()).WithFeedForward(c => new Mlp(c, bias: false)));
        builder.Describe().Components.Select(component => component.Name).Should().Contain("NoPositions").And.Contain("Mlp");
        builder.WithPositions(c => new AlibiPositions(c.Heads)).WithFeedForward(c => new GatedMlp(c));
        builder.Describe().Components.Select(component => component.Name).Should().NotContain("NoPositions").And.NotContain("Mlp");
    }

    [Fact]
    public void A_head_can_be_tied_and_untied()
    {
        static IEnumerable<string> Names(bool tied) => TinyModels.Builder("article").WithOutputHead(c => new LinearHead(c, tied)).Describe().Components
            .SelectMany(component => component.Tensors).Select(tensor => tensor.Name);
        Names(tied: true).Should().NotContain("lm_head.weight");
        Names(tied: false).Should().Contain("lm_head.weight");
    }

    [Fact]
    public void A_component_of_the_container_serves_a_single_layer()
    {
        using ServiceProvider services = new ServiceCollection().AddTransformerComponent<IFeedForward, PlainMlp>().BuildServiceProvider();
        TinyModels.Builder("llama").WithLayer(2, layer => layer.WithFeedForward(services.GetRequiredService<Func<ComponentContext, IFeedForward>>())).Build()
            .Layers.Select(layer => layer.FeedForward.GetType()).Should().Equal(typeof(GatedMlp), typeof(GatedMlp), typeof(PlainMlp));
    }

    [Fact]
    public void Every_problem_is_reported() =>
        ((Action)(() => TinyModels.Builder("llama").WithLayerOrder(0, 3, -1).WithoutLayer(3).WithInsertedLayer(4, _ => { }).WithLayerOrder().Build()))
            .Should().Throw<ModelBuildException>().Which.Problems.Should().Equal(
                "WithLayerOrder: expected a layer from 0 to 2, found 3.",
                "WithoutLayer: expected a layer from 0 to 2, found 3.",
                "WithInsertedLayer: expected a place from 0 to 3, found 4.",
                "WithLayerOrder: expected at least one layer, found none.");

    [Fact]
    public void The_last_layer_cannot_be_left_out() =>
        ((Action)(() => TinyModels.Builder("llama").WithLayers(1).WithoutLayer(0).Describe())).Should().Throw<ModelBuildException>().WithMessage("*none left*");

    [Fact]
    public void A_description_tells_what_was_changed()
    {
        TransformerBuilder builder = TransformerBuilder.FromPreset("gemma-3-1b");
        builder.Describe().Changes.Should().BeEmpty();
        builder.WithThreads(2).Describe().Changes.Should().BeEmpty();
        ModelDescription changed = builder
            .WithFeedForward(c => new Mlp(c, bias: false))
            .WithLayer(7, layer => layer.WithNormalization(c => new RmsNormalization(c)).WithBlockLayout(BlockLayout.PreNorm))
            .WithOutputHead(c => new LinearHead(c, tied: false))
            .WithLayerOrder([0, 1, .. Enumerable.Range(1, 25)])
            .Describe();
        changed.Changes.Should().Equal(
            "layers: 0-1, 1-25 (were 0-25)",
            "lm_head: LinearHead, made differently",
            "layers 0-26, mlp: GatedMlp -> Mlp",
            "layer 8, layout: Sandwich -> PreNorm",
            "layer 8, input_layernorm: RmsNormalization, made differently",
            "layer 8, post_attention_layernorm: RmsNormalization, made differently",
            "layer 8, pre_feedforward_layernorm: none (was RmsNormalization)",
            "layer 8, post_feedforward_layernorm: none (was RmsNormalization)");
        changed.ToString().Should().Contain("changed:").And.Contain("  layers 0-26, mlp: GatedMlp -> Mlp");
    }

    [Fact]
    public void Positions_of_all_layers_are_replaced_in_a_family_that_gives_some_their_own() =>
        TransformerBuilder.FromPreset("gemma-3-1b").WithPositions(c => new AlibiPositions(c.Heads)).Describe().Components
            .Select(component => component.Name).Should().NotContain("RotaryPositions");

    private sealed class PlainMlp(ComponentContext context) : IFeedForward
    {
        private readonly Mlp _inner = new(context, bias: false);

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext pass) => _inner.Forward(x, y, pass);
    }

    /// <summary>The weights of <see cref="TinyModels"/> with their layers in another order; one layer of other weights, if wanted.</summary>
    private sealed class ArrangedWeights(int[] order, int other = -1) : IWeightSource
    {
        private readonly NoiseWeights _weights = new(5);
        private readonly NoiseWeights _other = new(9);

        public string Origin => "arranged";

        public IEnumerable<string> Names => [];

        public bool Contains(string name) => false;

        public Tensor? Find(string name, TensorShape shape)
        {
            string[] parts = name.Split('.');
            if (parts is not ["model", "layers", string number, ..])
                return _weights.Find(name, shape);
            int place = int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
            parts[2] = $"{order[place]}";
            return (place == other ? _other : _weights).Find(string.Join('.', parts), shape);
        }

        public void Dispose()
        {
        }
    }
}
