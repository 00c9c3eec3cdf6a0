using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// OLMo 2 (arXiv:2501.00656): RMSNorm on what attention and feed-forward give instead of what they read, queries and keys
/// normalized over all heads, no biases.
/// </summary>
public sealed class Olmo2Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["olmo2"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        QueryKeyNorm norm = QueryKeyNorm.AllHeads((c, width) => new RmsNormalization(c, epsilon, width));
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.OutputNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, queryKeyNorm: norm))
            .WithFeedForward(c => new GatedMlp(c, activation))
            .WithOutputOf(metadata);
    }
}
