using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// GPT-2 (Radford et al. 2019): learned positions, LayerNorm before attention and feed-forward, biases
/// everywhere, GELU by its tanh approximation.
/// </summary>
public sealed class Gpt2Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["gpt2"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("layer_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.GeluTanh);
        builder
            .WithSizesOf(metadata)
            .WithPositions(c => new LearnedPositions(c))
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new LayerNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: true))
            .WithFeedForward(c => new Mlp(c, activation))
            .WithOutputOf(metadata);
    }
}
