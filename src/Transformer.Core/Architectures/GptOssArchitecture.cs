using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;

namespace Transformer.Core.Architectures;

/// <summary>
/// gpt-oss (OpenAI 2025, arXiv:2508.10925): RMSNorm before both halves of a layer, biases in attention, router and
/// experts, a learned sink in every softmax, every second layer with a window, and a clamped SwiGLU in the experts, whose
/// weights are a softmax over the chosen ones. Published with MXFP4 experts.
/// </summary>
public sealed class GptOssArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["gpt-oss", "gpt_oss"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-5);
        int experts = metadata.Size("num_experts");
        int perToken = metadata.Size("num_experts_per_tok");
        int width = metadata.OptionalSize("moe_intermediate_size") ?? metadata.Size("intermediate_size");
        GatedActivation activation = GatedActivation.ClampedSwiGlu(limit: metadata.OptionalNumber("swiglu_limit") ?? 7);
        Func<int, int?> window = metadata.AlternatingWindows(2);
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, bias: true, window: window(c.Layer), sinks: true))
            .WithFeedForward(c => new MixtureOfExperts(
                c, new TopKRouter(c, experts, perToken, ExpertScoring.SoftmaxOfChosen, bias: true), width, activation, bias: true))
            .WithOutputOf(metadata);
    }
}
