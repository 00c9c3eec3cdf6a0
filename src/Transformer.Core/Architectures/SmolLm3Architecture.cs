using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// SmolLM3 (Hugging Face 2025, huggingface.co/blog/smollm3): Llama's layer, but every fourth layer has no positions
/// ("NoPE", Yang et al. 2025, arXiv:2501.18795).
/// </summary>
public sealed class SmolLm3Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["smollm3"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        bool attentionBias = metadata.OptionalBoolean("attention_bias") ?? false;
        bool mlpBias = metadata.OptionalBoolean("mlp_bias") ?? false;
        int interval = metadata.OptionalSize("no_rope_layer_interval") ?? 4;

        // Despite its name, the list of the file has a 1 where a layer rotates.
        Func<int, bool?> told = metadata.OfLayer<long>("no_rope_layers", flag => flag != 0);
        bool Rotates(int layer) => told(layer) ?? (layer + 1) % interval != 0;
        Func<int, int?> window = metadata.Windows(layer => !Rotates(layer));
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: attentionBias, window: window(c.Layer)))
            .WithFeedForward(c => new GatedMlp(c, activation, mlpBias))
            .WithOutputOf(metadata);
        for (int layer = 0; layer < metadata.Size("num_hidden_layers"); layer++)
        {
            if (!Rotates(layer))
                builder.WithLayer(layer, l => l.WithPositions(_ => new NoPositions()));
        }
    }
}
