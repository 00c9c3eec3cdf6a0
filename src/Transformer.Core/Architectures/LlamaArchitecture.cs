using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// Llama (Touvron et al. 2023, arXiv:2302.13971, to Llama 3.x): rotary positions, RMSNorm before attention and
/// feed-forward, grouped-query attention, SwiGLU. Mistral 7B (Jiang et al. 2023, arXiv:2310.06825) is the same with a
/// sliding window; Mixtral (Jiang et al. 2024, arXiv:2401.04088) has experts. The GGUF files of both call themselves llama.
/// </summary>
public sealed class LlamaArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["llama", "mistral", "mixtral"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        bool attentionBias = metadata.OptionalBoolean("attention_bias") ?? false;
        bool mlpBias = metadata.OptionalBoolean("mlp_bias") ?? false;
        Func<int, int?> window = metadata.Windows(_ => true);
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: attentionBias, window: window(c.Layer)))
            .WithFeedForward(metadata.GatedOrExperts(activation, normalize: true, mlpBias))
            .WithOutputOf(metadata);
    }
}
