using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// Qwen 3 (arXiv:2505.09388), dense or with experts: Llama's layer, queries and keys normalized head by head, heads of
/// their own width, no biases.
/// </summary>
public sealed class Qwen3Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["qwen3", "qwen3moe", "qwen3_moe"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        bool bias = metadata.OptionalBoolean("attention_bias") ?? false;
        int firstWindowed = metadata.OptionalInteger("max_window_layers") ?? int.MaxValue;
        Func<int, int?> window = metadata.Windows(layer => layer >= firstWindowed);
        QueryKeyNorm norm = QueryKeyNorm.PerHead((c, width) => new RmsNormalization(c, epsilon, width));
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: bias, window: window(c.Layer), queryKeyNorm: norm))
            .WithFeedForward(metadata.GatedOrExperts(activation, normalize: true))
            .WithOutputOf(metadata);
    }
}
