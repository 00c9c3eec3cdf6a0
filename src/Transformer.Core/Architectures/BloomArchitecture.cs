using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// BLOOM (BigScience 2022, arXiv:2211.05100): no position vectors but ALiBi, LayerNorm behind the embedding too,
/// biases everywhere, GELU by its tanh approximation, tied output.
/// </summary>
public sealed class BloomArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["bloom"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        const string residual = "apply_residual_connection_post_layernorm";
        if (metadata.OptionalBoolean(residual) == true)
            throw new UnsupportedModelException(metadata.Origin, residual, "true", ["false"]);
        double epsilon = metadata.Epsilon("layer_norm_eps", 1e-5);
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithEmbedding(c => new NormalizedEmbedding(new TokenEmbedding(c), new LayerNormalization(c.Below("norm"), epsilon)))
            .WithPositions(c => new AlibiPositions(c.Heads))
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new LayerNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: true))
            .WithFeedForward(c => new Mlp(c, ActivationFunction.GeluTanh))
            .WithOutputOf(metadata);
    }
}
