using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

[Collection(nameof(AllocationTests))]
public class ModelDescriptionTests
{
    [Fact]
    public void The_article_s_full_model_is_described_without_being_made()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long resident = Environment.WorkingSet;
        ModelDescription description = new TransformerBuilder().WithVocabulary(100256).WithHiddenSize(3584).WithLayers(61).WithHeads(28).Describe();
        string text = description.ToString();
        (GC.GetTotalAllocatedBytes(precise: true) - allocated).Should().BeLessThan(50_000_000);
        (Environment.WorkingSet - resident).Should().BeLessThan(1_000_000_000);

        const long d = 3584;
        const long attention = 4 * d * d;
        const long feedForward = (2 * 4 * d * d) + (4 * d) + d;
        const long norm = 2 * d;
        const long parameters = (100256 * d) + (61 * (attention + feedForward + (2 * norm))) + norm;
        description.ParameterCount.Should().Be(parameters);
        description.WeightBytes.Should().Be(4 * parameters);
        description.StateBytes.Should().Be(61L * 2048 * 2 * d * sizeof(float));

        // The article's tables: embedding, Wq Wk Wv Wo, and the two of the feed-forward; the output matrix is the embedding's.
        text.Should().MatchRegex(@"model\.embed_tokens\.weight\s+\[100256, 3584\]");
        foreach (string name in (string[])["q_proj", "k_proj", "v_proj", "o_proj"])
            text.Should().MatchRegex($@"self_attn\.{name}\.weight\s+\[3584, 3584\]");
        text.Should().MatchRegex(@"mlp\.up_proj\.weight\s+\[14336, 3584\]");
        text.Should().MatchRegex(@"mlp\.down_proj\.weight\s+\[3584, 14336\]");
        text.Should().Contain($"{parameters:N0} parameters").And.Contain("layers 0-60 (each)");
    }

    [Fact]
    public void DeepSeek_R1_is_described_without_being_made()
    {
        long resident = Environment.WorkingSet;
        ModelDescription description = TransformerBuilder.FromPreset("deepseek-r1").Describe();
        string text = description.ToString();
        (Environment.WorkingSet - resident).Should().BeLessThan(1_000_000_000);

        // Counted by hand from the published config.json.
        const long d = 7168;
        const long attention = (d * 1536) + 1536 + (1536 * 128 * 192) + (d * (512 + 64)) + 512 + (512 * 128 * (128 + 128)) + (128 * 128 * d);
        const long dense = 3 * d * 18432;
        const long experts = (256 * 3 * d * 2048) + (3 * d * 2048) + (256 * d) + 256;
        description.ParameterCount.Should().Be((2 * 129280 * d) + (61 * (attention + (2 * d))) + d + (3 * dense) + (58 * experts)).And.Be(671_026_419_200);
        description.Layers.Should().Be(61);
        text.Should().Contain("layers 0-2 (each)").And.Contain("layers 3-60 (each)").And.MatchRegex(@"mlp\.experts\.gate_proj\.weight\s+\[256, 2048, 7168\]");

        // 128 heads with keys of 192 features and values of 128, in F32 too, would take
        const long heads = 61L * 163840 * 128 * (192 + 128) * sizeof(float);
        description.StateBytes.Should().Be(61L * 163840 * (512 + 64) * sizeof(float)).And.BeLessThan(heads / 20);
    }

    [Fact]
    public void A_description_cannot_be_wrong_quietly() =>
        ((Action)(() => new TransformerBuilder().WithVocabulary(10).WithLayers(1).Describe())).Should().Throw<ModelBuildException>().WithMessage("*HiddenSize*");

    [Fact]
    public void Text_of_a_small_model()
    {
        string text = new TransformerBuilder().WithName("small").WithVocabulary(32).WithContextLength(16).WithHiddenSize(8).WithLayers(3).WithHeads(2)
            .WithLayer(2, l => l.WithBlockLayout(BlockLayout.PreNorm).WithNormalization(c => new Core.Normalization.RmsNormalization(c)))
            .Describe().ToString();
        text.ReplaceLineEndings("\n").Should().Be("""
            small: 3 layers, hidden size 8, vocabulary 32, context 16
            2,776 parameters, 10.84 KiB of weights, 30.00 KiB of state for a full context

            where                   component                tensor                                 shape              type        parameters        bytes
            model.embed_tokens      TokenEmbedding           model.embed_tokens.weight              [32, 8]            F32                256     1.00 KiB
            model.embed_positions   SinusoidalPositions      (no weights of its own)
            layers 0-1 (each)       MultiHeadAttention       self_attn.q_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.k_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.v_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.o_proj.weight                [8, 8]             F32                 64        256 B
                                    Mlp                      mlp.up_proj.weight                     [32, 8]            F32                256     1.00 KiB
                                    Mlp                      mlp.up_proj.bias                       [32]               F32                 32        128 B
                                    Mlp                      mlp.down_proj.weight                   [8, 32]            F32                256     1.00 KiB
                                    Mlp                      mlp.down_proj.bias                     [8]                F32                  8         32 B
                                    LayerNormalization       post_attention_layernorm.weight        [8]                F32                  8         32 B
                                    LayerNormalization       post_attention_layernorm.bias          [8]                F32                  8         32 B
                                    LayerNormalization       post_feedforward_layernorm.weight      [8]                F32                  8         32 B
                                    LayerNormalization       post_feedforward_layernorm.bias        [8]                F32                  8         32 B
            layer 2                 MultiHeadAttention       self_attn.q_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.k_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.v_proj.weight                [8, 8]             F32                 64        256 B
                                    MultiHeadAttention       self_attn.o_proj.weight                [8, 8]             F32                 64        256 B
            layer 2                 Mlp                      mlp.up_proj.weight                     [32, 8]            F32                256     1.00 KiB
                                    Mlp                      mlp.up_proj.bias                       [32]               F32                 32        128 B
                                    Mlp                      mlp.down_proj.weight                   [8, 32]            F32                256     1.00 KiB
                                    Mlp                      mlp.down_proj.bias                     [8]                F32                  8         32 B
            layer 2                 RmsNormalization         input_layernorm.weight                 [8]                F32                  8         32 B
            layer 2                 RmsNormalization         post_attention_layernorm.weight        [8]                F32                  8         32 B
            model.norm              LayerNormalization       model.norm.weight                      [8]                F32                  8         32 B
                                    LayerNormalization       model.norm.bias                        [8]                F32                  8         32 B
            lm_head                 LinearHead               (no weights of its own)

            """);
    }

    [Fact]
    public void Components_stand_in_the_order_of_a_pass()
    {
        IReadOnlyList<ComponentDescription> components = TinyModels.Builder("llama").WithLayers(1).Describe().Components;
        components.Select(c => c.Name).Should().Equal(
            "TokenEmbedding", "RotaryPositions", "MultiHeadAttention", "GatedMlp", "RmsNormalization", "RmsNormalization", "RmsNormalization", "LinearHead");
        components.Sum(c => c.ParameterCount).Should().Be(
            (50 * 24) + (24 * 24) + (2 * 12 * 24) + (24 * 24) + (3 * 40 * 24) + (3 * 24) + (50 * 24));
    }
}
