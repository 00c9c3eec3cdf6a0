using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// Qwen 2 and 2.5 (arXiv:2407.10671, arXiv:2412.15115): Llama's layer with biases on q, k and v only. Files may ask for
/// a sliding window in the upper layers; the published ones do not.
/// </summary>
public sealed class Qwen2Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["qwen2", "qwen2moe", "qwen2_moe"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        int firstWindowed = metadata.OptionalInteger("max_window_layers") ?? int.MaxValue;
        Func<int, int?> window = metadata.Windows(layer => layer >= firstWindowed);
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: true, outputBias: false, window: window(c.Layer)))
            .WithFeedForward(metadata.GatedOrExperts(activation, normalize: false))
            .WithOutputOf(metadata);
    }
}
