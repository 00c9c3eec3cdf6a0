using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// GPT-NeoX-20B (Black et al. 2022, arXiv:2204.06745) and Pythia (Biderman et al. 2023, arXiv:2304.01373): attention and
/// feed-forward side by side on one residual, a quarter of each head rotated, LayerNorm, biases everywhere, exact GELU.
/// </summary>
/// <remarks>llama.cpp computes this family's GELU by its tanh approximation; the models were trained with the exact one.</remarks>
public sealed class GptNeoXArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["gptneox", "gpt_neox"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("layer_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Gelu);
        bool parallel = metadata.OptionalBoolean("use_parallel_residual") ?? true;
        bool bias = metadata.OptionalBoolean("attention_bias") ?? true;
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(parallel ? BlockLayout.Parallel : BlockLayout.PreNorm)
            .WithNormalization(c => new LayerNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: bias))
            .WithFeedForward(c => new Mlp(c, activation))
            .WithOutputOf(metadata);
    }
}
