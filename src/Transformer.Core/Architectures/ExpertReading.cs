using Transformer.Core.FeedForward;

namespace Transformer.Core.Architectures;

/// <summary>What several families read in the same way about mixtures of experts.</summary>
internal static class ExpertReading
{
    extension(IModelMetadata metadata)
    {
        /// <summary>
        /// The feed-forward of a family that comes with and without experts: a mixture where the file has experts (and the
        /// layer is none of its dense ones), and a single gated one elsewhere.
        /// </summary>
        /// <param name="activation">The gates' non-linearity.</param>
        /// <param name="bias">Whether the dense feed-forward has biases.</param>
        /// <param name="normalize">Whether the weights of a row's experts sum to 1, where the file does not say.</param>
        public Func<ComponentContext, IFeedForward> GatedOrExperts(ActivationFunction activation, bool normalize, bool bias = false)
        {
            int experts = metadata.OptionalInteger("num_experts") ?? 0;
            if (experts == 0)
                return c => new GatedMlp(c, activation, bias);
            int perToken = metadata.Size("num_experts_per_tok");
            int? width = metadata.OptionalSize("moe_intermediate_size");
            int? shared = metadata.OptionalInteger("shared_expert_intermediate_size");
            bool sumsToOne = metadata.OptionalBoolean("norm_topk_prob") ?? normalize;
            double scale = metadata.ExpertScale();
            Func<int, bool> dense = metadata.DenseLayers();
            return c => dense(c.Layer)
                ? new GatedMlp(c, activation, bias)
                : new MixtureOfExperts(
                    c,
                    new TopKRouter(c, experts, perToken, normalize: sumsToOne, scale: scale),
                    width ?? c.IntermediateSize,
                    GatedActivation.Of(activation),
                    sharedSize: shared,
                    sharedGate: true);
        }

        /// <summary>Which layers have a single feed-forward: the first ones, those of a list, and with a step all but each so-manieth.</summary>
        public Func<int, bool> DenseLayers()
        {
            int leading = metadata.OptionalInteger("first_k_dense_replace") ?? 0;
            int frequency = metadata.OptionalSize("moe_layer_freq") ?? 1;
            int step = metadata.OptionalSize("decoder_sparse_step") ?? 1;
            long[] listed = metadata.Find("mlp_only_layers") as long[] ?? [];
            return layer => layer < leading || listed.Contains(layer) || layer % frequency != 0 || (layer + 1) % step != 0;
        }

        /// <summary>What the weights of a row's experts are multiplied with. Some files have a 0 for 1.</summary>
        public double ExpertScale() => metadata.OptionalNumber("routed_scaling_factor") switch
        {
            null or 0 => 1,
            > 0 and var scale => scale,
            var scale => throw new ModelFileException(metadata.Origin, "routed_scaling_factor", "a number above 0", $"{scale}"),
        };
    }
}
