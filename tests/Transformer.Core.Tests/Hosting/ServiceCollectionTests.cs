using Microsoft.Extensions.DependencyInjection;
using Transformer.Core.FeedForward;
using Transformer.Core.Numerics;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Hosting;

public class ServiceCollectionTests
{
    [Fact]
    public void A_composed_model_and_its_generator_are_singletons()
    {
        int configured = 0;
        using ServiceProvider services = new ServiceCollection().AddTransformer(builder =>
        {
            configured++;
            Compose(builder);
        }).Services.BuildServiceProvider();
        configured.Should().Be(0, "a model is made when it is first asked for");
        TransformerModel model = services.GetRequiredService<TransformerModel>();
        services.GetRequiredService<TransformerModel>().Should().BeSameAs(model);
        TextGenerator generator = services.GetRequiredService<TextGenerator>();
        services.GetRequiredService<TextGenerator>().Should().BeSameAs(generator);
        generator.Model.Should().BeSameAs(model);
        configured.Should().Be(1);
        generator.Complete("abc", Script.Options("hi", LetterTokenizer.End)).Text.Should().Be("hi");
    }

    [Fact]
    public void A_path_is_opened()
    {
        using ServiceProvider services = new ServiceCollection().AddTransformer(Reference.Folder("llama-tiny")).Services.BuildServiceProvider();
        (int[] tokens, float[] expected) = Reference.Logits("llama-tiny");
        Difference.Relative(services.GetRequiredService<TransformerModel>().AllLogits(tokens), expected).Should().BeLessThan(1e-4);
    }

    [Fact]
    public void Keys_tell_models_apart()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddKeyedTransformer("small", builder => Compose(builder).WithLayers(1)).Services
            .AddKeyedTransformer("large", builder => Compose(builder).WithLayers(4)).Services
            .AddKeyedTransformer("file", Reference.Folder("gpt2-tiny")).Services
            .BuildServiceProvider();
        Layers("small").Should().Be(1);
        Layers("large").Should().Be(4);
        Layers("file").Should().Be(3);
        services.GetRequiredKeyedService<TextGenerator>("large").Model.Should().BeSameAs(services.GetRequiredKeyedService<TransformerModel>("large"));
        services.GetService<TransformerModel>().Should().BeNull();

        int Layers(string key) => services.GetRequiredKeyedService<TransformerModel>(key).Layers.Count;
    }

    [Fact]
    public void A_registered_component_replaces_the_builder_s_and_gets_services()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(new Gain(3))
            .AddTransformer(builder => Compose(builder)).Services
            .AddTransformerComponent<IFeedForward, Amplifier>()
            .BuildServiceProvider();
        TransformerModel model = services.GetRequiredService<TransformerModel>();
        model.Layers.Select(l => l.FeedForward).Should().AllBeOfType<Amplifier>();
        model.Layers.Select(l => ((Amplifier)l.FeedForward).Layer).Should().Equal(0, 1);
        model.Layers.Select(l => ((Amplifier)l.FeedForward).Factor).Should().Equal(3, 3);
        model.AllLogits([1, 2]).Should().OnlyContain(v => float.IsFinite(v));
    }

    [Fact]
    public void A_component_need_not_ask_for_its_context()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddTransformer(builder => Compose(builder)).Services
            .AddTransformerComponent<IPositionalEncoder, NoPositions>()
            .BuildServiceProvider();
        services.GetRequiredService<TransformerModel>().Positions.Should().BeOfType<NoPositions>();
    }

    [Fact]
    public void A_component_with_options_takes_their_defaults()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddTransformer(builder => Compose(builder)).Services
            .AddTransformerComponent<IFeedForward, GatedMlp>()
            .BuildServiceProvider();
        TransformerModel model = services.GetRequiredService<TransformerModel>();
        TransformerBuilder byHand = new();
        Compose(byHand).WithFeedForward(c => new GatedMlp(c));
        model.AllLogits([1, 2]).Should().Equal(byHand.Build().AllLogits([1, 2]));
    }

    [Fact]
    public void A_component_replaces_a_part_of_a_checkpoint()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddTransformer(Reference.Folder("llama-tiny")).Services
            .AddTransformerComponent<IPositionalEncoder, Still>()
            .BuildServiceProvider();
        services.GetRequiredService<TransformerModel>().Positions.Should().BeOfType<Still>();
    }

    [Fact]
    public void What_is_wrong_with_a_model_surfaces_when_it_is_asked_for()
    {
        using ServiceProvider services = new ServiceCollection().AddTransformer(builder => builder.WithLayers(1).WithRandomWeights(1)).Services.BuildServiceProvider();
        ((Action)(() => services.GetRequiredService<TransformerModel>())).Should().Throw<ModelBuildException>().Which.Problems.Should().HaveCount(2);
        using ServiceProvider missing = new ServiceCollection().AddTransformer("/no/such/model.gguf").Services.BuildServiceProvider();
        ((Action)(() => missing.GetRequiredService<TextGenerator>())).Should().Throw<ModelFileException>();
        using ServiceProvider mute = new ServiceCollection().AddTransformer(Reference.Folder("llama-tiny")).Services.BuildServiceProvider();
        ((Action)(() => mute.GetRequiredService<TextGenerator>())).Should().Throw<ArgumentException>().WithMessage("*tokenizer*");
    }

    [Fact]
    public void The_first_registration_stands()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddTransformer(builder => Compose(builder).WithLayers(1)).Services
            .AddTransformer(builder => Compose(builder).WithLayers(4)).Services
            .BuildServiceProvider();
        services.GetServices<TransformerModel>().Should().ContainSingle().Which.Layers.Should().HaveCount(1);
    }

    [Fact]
    public void The_builder_carries_the_key_and_no_key_is_the_unkeyed_service()
    {
        ServiceCollection services = new();
        services.AddTransformer(builder => Compose(builder).WithLayers(1)).Key.Should().BeNull();
        TransformerServiceBuilder keyed = services.AddKeyedTransformer("large", builder => Compose(builder).WithLayers(4));
        keyed.Key.Should().Be("large");
        keyed.Services.Should().BeSameAs(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        provider.GetRequiredKeyedService<TransformerModel>(null).Should().BeSameAs(provider.GetRequiredService<TransformerModel>());
        provider.GetRequiredKeyedService<TransformerModel>(keyed.Key).Layers.Should().HaveCount(4);
    }

    [Fact]
    public void A_registration_without_a_path_is_refused_where_it_stands()
    {
        ((Action)(() => new ServiceCollection().AddTransformer(""))).Should().Throw<ArgumentException>().WithParameterName("path");
        ((Action)(() => new ServiceCollection().AddKeyedTransformer("a", (string)null!))).Should().Throw<ArgumentNullException>().WithParameterName("path");
    }

    private static TransformerBuilder Compose(TransformerBuilder builder) =>
        builder.WithTokenizer(new LetterTokenizer()).WithHiddenSize(8).WithHeads(2).WithLayers(2).WithRandomWeights(1);

    private sealed record Gain(int Factor);

    private sealed class Amplifier(ComponentContext context, Gain gain) : IFeedForward
    {
        public int Layer { get; } = context.Layer;

        public int Factor { get; } = gain.Factor;

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            for (int row = 0; row < x.Rows; row++)
                for (int i = 0; i < x.Columns; i++)
                    y[row][i] = x[row][i] * Factor;
        }
    }

    private sealed class Still(ComponentContext context) : IPositionalEncoder
    {
        public int Width { get; } = context.HiddenSize;
    }
}
