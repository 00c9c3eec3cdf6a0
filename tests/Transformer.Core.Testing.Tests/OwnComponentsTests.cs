using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Output;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Testing.Tests;

/// <summary>The library's own components keep the rules that it checks.</summary>
public class OwnComponentsTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("multi-query")]
    [InlineData("biases")]
    [InlineData("window")]
    [InlineData("capped")]
    [InlineData("normed")]
    [InlineData("sinks")]
    [InlineData("odd heads")]
    public void Attention(string kind) => ComponentConformance.CheckAttention(c => kind switch
    {
        "plain" => new MultiHeadAttention(c),
        "multi-query" => new MultiHeadAttention(c, kvHeads: 1),
        "biases" => new MultiHeadAttention(c, bias: true),
        "window" => new MultiHeadAttention(c, window: 5),
        "capped" => new MultiHeadAttention(c, scoreCap: 3),
        "normed" => new MultiHeadAttention(c, queryKeyNorm: QueryKeyNorm.PerHead((n, width) => new RmsNormalization(n, width: width))),
        "sinks" => new MultiHeadAttention(c, sinks: true),
        _ => new MultiHeadAttention(c, heads: 3, kvHeads: 3, headDim: 5 * 2),
    });

    [Fact]
    public void Attention_with_scores_biased() =>
        ComponentConformance.CheckAttention(c => new MultiHeadAttention(c), new ConformanceOptions { Positions = c => new AlibiPositions(c.Heads) });

    [Theory]
    [InlineData("F16")]
    [InlineData("Q8_0")]
    public void Attention_with_small_caches(string format)
    {
        // What is stored in few bits jumps where what is stored differs in the last bit.
        WeightFormat cache = format == "F16" ? WeightFormat.Float16 : WeightFormat.Q8_0;
        IAttentionBlock attention = new TransformerBuilder()
            .WithVocabulary(10).WithHiddenSize(64).WithHeads(2).WithLayers(1).WithContextLength(256).WithKvCache(cache).WithRandomWeights(1)
            .Build().Layers[0].Attention;
        ComponentConformance.CheckAttention(attention, 64, new ConformanceOptions { Tolerance = 1e-2 });
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("Q4_0")]
    public void Attention_and_feed_forward_of_quantized_weights(string format)
    {
        WeightFormat stored = format == "Q8_0" ? WeightFormat.Q8_0 : WeightFormat.Q4_0;
        DecoderBlock block = new TransformerBuilder()
            .WithVocabulary(10).WithHiddenSize(64).WithHeads(4).WithLayers(1).WithContextLength(256).WithFeedForward(c => new GatedMlp(c)).WithRandomWeights(1, stored)
            .Build().Layers[0];
        ComponentConformance.CheckAttention(block.Attention, 64);
        ComponentConformance.CheckFeedForward(block.FeedForward, 64);
    }

    [Fact]
    public void Positions_rotary() => ComponentConformance.CheckPositions(c => new RotaryPositions(c.HeadDim));

    [Fact]
    public void Positions_rotary_of_a_part() => ComponentConformance.CheckPositions(_ => new RotaryPositions(4, pairing: RopePairing.Interleaved));

    [Fact]
    public void Positions_alibi() => ComponentConformance.CheckPositions(c => new AlibiPositions(c.Heads));

    [Fact]
    public void Positions_sinusoidal() => ComponentConformance.CheckPositions(c => new SinusoidalPositions(c.HiddenSize));

    [Fact]
    public void Positions_learned() => ComponentConformance.CheckPositions(c => new LearnedPositions(c));

    [Fact]
    public void No_positions_do_nothing_on_purpose() =>
        ComponentConformance.CheckPositions(_ => new NoPositions(), new ConformanceOptions { Rules = ConformanceRules.All & ~ConformanceRules.Effect });

    [Theory]
    [InlineData(ActivationFunction.Gelu)]
    [InlineData(ActivationFunction.GeluTanh)]
    [InlineData(ActivationFunction.Relu)]
    [InlineData(ActivationFunction.Silu)]
    public void Feed_forwards(ActivationFunction activation)
    {
        ComponentConformance.CheckFeedForward(c => new Mlp(c, activation));
        ComponentConformance.CheckFeedForward(c => new GatedMlp(c, activation));
    }

    [Fact]
    public void Normalizations()
    {
        ComponentConformance.CheckNormalization(c => new LayerNormalization(c));
        ComponentConformance.CheckNormalization(c => new RmsNormalization(c));
    }

    [Fact]
    public void Embeddings()
    {
        ComponentConformance.CheckEmbedding(c => new TokenEmbedding(c, scale: 3));
        ComponentConformance.CheckEmbedding(c => new NormalizedEmbedding(new TokenEmbedding(c), new LayerNormalization(c.Below("norm"))));
    }

    [Fact]
    public void Output_heads()
    {
        ComponentConformance.CheckOutputHead(c => new LinearHead(c));
        ComponentConformance.CheckOutputHead(c => new LinearHead(c, tied: false, cap: 5));
    }

    [Fact]
    public void Kernels()
    {
        ComponentConformance.CheckKernel("Silu", Silu.Compute, (x, y) =>
        {
            for (int i = 0; i < x.Length; i++)
                y[i] = x[i] / (1 + MathF.Exp(-x[i]));
        });
        ComponentConformance.CheckKernel("Relu", Relu.Compute, (x, y) =>
        {
            for (int i = 0; i < x.Length; i++)
                y[i] = Math.Max(0, x[i]);
        });
    }

    [DataFact]
    public void Every_component_of_a_loaded_model()
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", "stories260K-q8_0.gguf")).Build();
        ComponentConformance.CheckEmbedding(model.Embedding, model.VocabSize, model.HiddenSize);
        ComponentConformance.CheckPositions(model.Positions, model.HiddenSize, 8, 8);
        foreach (DecoderBlock layer in model.Layers)
        {
            ComponentConformance.CheckAttention(layer.Attention, model.HiddenSize);
            ComponentConformance.CheckFeedForward(layer.FeedForward, model.HiddenSize);
            ComponentConformance.CheckNormalization(layer.Norms[0], model.HiddenSize);
        }
        ComponentConformance.CheckNormalization(model.FinalNorm, model.HiddenSize);
        ComponentConformance.CheckOutputHead(model.OutputHead, model.HiddenSize, model.VocabSize);
    }
}
