using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// Gemma 3, text (Gemma Team 2025, arXiv:2503.19786): Gemma 2's layer with queries and keys normalized head by head
/// instead of capped scores. Five layers with a sliding window and a rotary base of their own stand between two that
/// see everything; only the latter are stretched to long contexts.
/// </summary>
public sealed class Gemma3Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["gemma3", "gemma3_text"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.GeluTanh);
        Func<int, int?> window = metadata.AlternatingWindows(6);
        double localTheta = metadata.OptionalNumber("rope_local_base_freq") ?? 10000;
        RopePairing pairing = metadata.Pairing();
        double? scale = 1 / metadata.OptionalRoot("query_pre_attn_scalar");
        double? scoreCap = metadata.OptionalNumber("attn_logit_softcapping");
        QueryKeyNorm norm = QueryKeyNorm.PerHead((c, width) => new RmsNormalization(c, epsilon, width));
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithEmbedding(c => new TokenEmbedding(c, Math.Sqrt(c.HiddenSize)))
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.Sandwich)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, window: window(c.Layer), scale: scale, scoreCap: scoreCap, queryKeyNorm: norm))
            .WithFeedForward(c => new GatedMlp(c, activation))
            .WithOutputOf(metadata, metadata.OptionalNumber("final_logit_softcapping"));
        for (int layer = 0; layer < metadata.Size("num_hidden_layers"); layer++)
        {
            if (window(layer) is not null)
                builder.WithLayer(layer, l => l.WithPositions(c => new RotaryPositions(c.HeadDim, localTheta, pairing)));
        }
    }
}
