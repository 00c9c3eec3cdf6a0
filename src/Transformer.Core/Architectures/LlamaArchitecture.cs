using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Output;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// Llama (Touvron et al. 2023, arXiv:2302.13971, to Llama 3.x): rotary positions, RMSNorm before attention and
/// feed-forward, grouped-query attention, SwiGLU.
/// </summary>
public sealed class LlamaArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["llama"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        int hidden = metadata.Size("hidden_size");
        int heads = metadata.Size("num_attention_heads");
        int headDim = metadata.OptionalSize("head_dim") ?? (hidden / heads);
        int rotaryDim = metadata.OptionalSize("rope_dim") ?? headDim;
        int contextLength = metadata.Size("max_position_embeddings");
        double theta = metadata.OptionalNumber("rope_theta") ?? 10000;
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-5);
        RopePairing pairing = metadata.Pairing();
        RopeScaling? scaling = metadata.RotaryScaling(contextLength);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        bool attentionBias = metadata.OptionalBoolean("attention_bias") ?? false;
        bool mlpBias = metadata.OptionalBoolean("mlp_bias") ?? false;
        int? window = metadata.OptionalSize("sliding_window");
        builder
            .WithVocabulary(metadata.Size("vocab_size"))
            .WithContextLength(contextLength)
            .WithHiddenSize(hidden)
            .WithLayers(metadata.Size("num_hidden_layers"))
            .WithHeads(heads, metadata.OptionalSize("num_key_value_heads"), headDim)
            .WithIntermediateSize(metadata.Size("intermediate_size"))
            .WithDropout(0)
            .WithPositions(c => new RotaryPositions(rotaryDim, theta, pairing, FileScaling(c, rotaryDim) ?? scaling))
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: attentionBias, window: window))
            .WithFeedForward(c => new GatedMlp(c, activation, mlpBias))
            .WithOutputHead(c => new LinearHead(c, tied: !c.Weights.Contains("weight")));
    }

    /// <summary>GGUF files of Llama 3.1 and later carry the stretched frequencies themselves, as divisors.</summary>
    private static RopeScaling? FileScaling(ComponentContext context, int rotaryDim) =>
        context.Weights.Root.Child("model").OptionalVector("rope_freqs.weight", rotaryDim / 2) is { } divisors
            ? new RopeScaling.PerFrequency(divisors)
            : null;
}
