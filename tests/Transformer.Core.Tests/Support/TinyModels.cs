using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Output;
using Transformer.Core.Positions;

namespace Transformer.Core.Tests.Support;

/// <summary>Models of several families, small enough for many passes.</summary>
internal static class TinyModels
{
    public const int Vocabulary = 50;

    public static TheoryData<string> Names => new("article", "gpt2", "llama", "gemma", "deepseek");

    public static TransformerBuilder Builder(string family)
    {
        TransformerBuilder builder = new TransformerBuilder()
            .WithName(family)
            .WithVocabulary(Vocabulary)
            .WithContextLength(1200)
            .WithLayers(3)
            .WithWeights(new NoiseWeights(5));
        return family switch
        {
            "article" => builder.WithHiddenSize(20).WithHeads(4),
            "gpt2" => builder.WithHiddenSize(24).WithHeads(3)
                .WithPositions(c => new LearnedPositions(c))
                .WithBlockLayout(BlockLayout.PreNorm)
                .WithAttention(c => new MultiHeadAttention(c, bias: true))
                .WithFeedForward(c => new Mlp(c, ActivationFunction.GeluTanh)),
            "llama" => builder.WithHiddenSize(24).WithHeads(4, 2, 6).WithIntermediateSize(40)
                .WithPositions(c => new RotaryPositions(c.HeadDim))
                .WithBlockLayout(BlockLayout.PreNorm)
                .WithNormalization(c => new RmsNormalization(c))
                .WithFeedForward(c => new GatedMlp(c))
                .WithOutputHead(c => new LinearHead(c, tied: false)),

            // A little of everything that Gemma 2 and 3 have.
            "gemma" => builder.WithHiddenSize(24).WithHeads(4, 2, 6).WithIntermediateSize(40)
                .WithEmbedding(c => new TokenEmbedding(c, 2))
                .WithPositions(c => new RotaryPositions(c.HeadDim))
                .WithBlockLayout(BlockLayout.Sandwich)
                .WithNormalization(c => new RmsNormalization(c))
                .WithAttention(c => new MultiHeadAttention(
                    c, window: c.Layer == 1 ? 30 : null, scoreCap: 5, queryKeyNorm: QueryKeyNorm.PerHead((n, width) => new RmsNormalization(n, width: width))))
                .WithFeedForward(c => new GatedMlp(c, ActivationFunction.GeluTanh))
                .WithOutputHead(c => new LinearHead(c, cap: 10)),
            // Latent attention with and without compressed queries; experts in groups, a dense layer first.
            "deepseek" => builder.WithHiddenSize(24).WithHeads(4).WithIntermediateSize(40)
                .WithPositions(_ => new RotaryPositions(4))
                .WithBlockLayout(BlockLayout.PreNorm)
                .WithNormalization(c => new RmsNormalization(c))
                .WithAttention(c => new LatentAttention(c, new(10, 6, 4, 7, c.Layer == 1 ? 9 : null), (n, width) => new RmsNormalization(n, width: width)))
                .WithFeedForward(c => c.Layer == 0 ? new GatedMlp(c) : new MixtureOfExperts(
                    c, new TopKRouter(c, 8, 3, ExpertScoring.Sigmoid, normalize: true, correction: true, groups: 4, groupsPerToken: 2), 14, sharedSize: 11)),
            _ => throw new ArgumentException(family),
        };
    }

    public static TransformerModel Build(string family, int threads = 2) => Builder(family).WithThreads(threads).Build();

    /// <summary>Logits after every token, in one pass.</summary>
    public static float[] AllLogits(this TransformerModel model, int[] tokens, IActivationObserver? observer = null)
    {
        using DecoderSession session = model.CreateSession();
        session.Observer = observer;
        float[] logits = new float[tokens.Length * model.VocabSize];
        session.ForwardAll(tokens, new MatrixSpan(logits, tokens.Length, model.VocabSize));
        return logits;
    }
}
