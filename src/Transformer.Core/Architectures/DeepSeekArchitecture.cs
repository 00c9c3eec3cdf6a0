using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>
/// DeepSeek V2 (arXiv:2405.04434), V3 (arXiv:2412.19437) and R1 (arXiv:2501.12948): latent attention, RMSNorm before
/// both halves of a layer, fine-grained experts beside shared ones in all layers but the first. V2 scores experts by a
/// softmax, V3 by sigmoids and a correction that takes part in the choice only.
/// </summary>
public sealed class DeepSeekArchitecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["deepseek2", "deepseek_v2", "deepseek_v3"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-6);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        int heads = metadata.Size("num_attention_heads");
        LatentSizes sizes = new(
            metadata.Size("kv_lora_rank"),
            metadata.Size("qk_nope_head_dim"),
            metadata.Size("qk_rope_head_dim"),
            metadata.Size("v_head_dim"),
            metadata.OptionalInteger("q_lora_rank") is > 0 and var rank ? rank : null);
        int headDim = sizes.QkNopeHeadDim + sizes.QkRopeHeadDim;
        double scale = ScoreFactor(metadata) / Math.Sqrt(headDim);
        Func<ComponentContext, IFeedForward> experts = Experts(metadata, GatedActivation.Of(activation));
        Func<int, bool> dense = metadata.DenseLayers();
        builder
            .WithSizesOf(metadata)
            .WithHeads(heads, heads, headDim)
            .WithDropout(0)
            .WithPositions(metadata.Rotary())
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new LatentAttention(c, sizes, (n, width) => new RmsNormalization(n, epsilon, width), scale: scale))
            .WithFeedForward(c => dense(c.Layer) ? new GatedMlp(c, activation) : experts(c))
            .WithOutputOf(metadata);
    }

    /// <summary>YaRN sharpens the scores of all features here, not only of those that are rotated.</summary>
    private static double ScoreFactor(IModelMetadata metadata)
    {
        if (metadata.RotaryScaling(metadata.Size("max_position_embeddings")) is not RopeScaling.Yarn yarn)
            return 1;
        double sharpened = RopeScaling.Yarn.Sharpening(yarn.Factor, metadata.OptionalNumber("rope_scaling.mscale_all_dim") ?? 0);
        return sharpened * sharpened;
    }

    private static Func<ComponentContext, IFeedForward> Experts(IModelMetadata metadata, GatedActivation activation)
    {
        int count = metadata.Size("num_experts");
        int perToken = metadata.Size("num_experts_per_tok");
        int width = metadata.Size("moe_intermediate_size");
        int shared = (metadata.OptionalInteger("n_shared_experts") ?? 0) * width;
        int groups = metadata.OptionalSize("n_group") ?? 1;
        int groupsPerToken = metadata.OptionalSize("topk_group") ?? groups;
        bool normalize = metadata.OptionalBoolean("norm_topk_prob") ?? false;
        double scale = metadata.ExpertScale();
        bool corrected = metadata.OptionalText("topk_method") == "noaux_tc";
        ExpertScoring scoring = metadata.OptionalText("scoring_func") switch
        {
            null or "softmax" => ExpertScoring.Softmax,
            "sigmoid" => ExpertScoring.Sigmoid,
            string other => throw new UnsupportedModelException(metadata.Origin, "scoring_func", other, ["softmax", "sigmoid"]),
        };
        return c =>
        {
            bool correction = corrected || c.Weights.Contains("gate.e_score_correction_bias");
            TopKRouter router = new(c, count, perToken, scoring, normalize, scale, correction: correction, groups: groups, groupsPerToken: groupsPerToken);
            return new MixtureOfExperts(c, router, width, activation, sharedSize: shared);
        };
    }
}
