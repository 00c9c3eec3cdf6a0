using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// The article's decoder: token embedding plus sinusoidal positions; layers of attention and GELU feed-forward,
/// each followed by the residual sum and LayerNorm; a final LayerNorm; the output matrix.
/// </summary>
public sealed class ArticleArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["article"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("layer_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Gelu);
        builder
            .WithSizesOf(metadata)
            .WithDropout(metadata.OptionalNumber("hidden_dropout_prob") ?? 0.1)
            .WithPositions(c => new SinusoidalPositions(c.HiddenSize))
            .WithBlockLayout(BlockLayout.PostNorm)
            .WithNormalization(c => new LayerNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c))
            .WithFeedForward(c => new Mlp(c, activation))
            .WithOutputOf(metadata);
    }
}
