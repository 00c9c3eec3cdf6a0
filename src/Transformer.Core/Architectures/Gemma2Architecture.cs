using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// Gemma 2 (Gemma Team 2024, arXiv:2408.00118): embeddings times √hidden, RMSNorm before and after both halves of a
/// layer, GeGLU, every second layer with a sliding window, attention scores and logits capped softly, tied output.
/// </summary>
public sealed class Gemma2Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["gemma2"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.GeluTanh);
        Func<int, int?> window = metadata.AlternatingWindows(2);
        double? scoreCap = metadata.OptionalNumber("attn_logit_softcapping");
        double? scale = 1 / metadata.OptionalRoot("query_pre_attn_scalar");
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithEmbedding(c => new TokenEmbedding(c, Math.Sqrt(c.HiddenSize)))
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.Sandwich)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, window: window(c.Layer), scale: scale, scoreCap: scoreCap))
            .WithFeedForward(c => new GatedMlp(c, activation))
            .WithOutputOf(metadata, metadata.OptionalNumber("final_logit_softcapping"));
    }
}
