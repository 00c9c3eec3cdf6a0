using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>What several families read about rotary positions in the same way.</summary>
internal static class RotaryReading
{
    extension(IModelMetadata metadata)
    {
        /// <summary>Which features a rotary pair is made of, as the file's reader tells.</summary>
        public RopePairing Pairing() => metadata.OptionalText("rope_pairing") == "interleaved" ? RopePairing.Interleaved : RopePairing.HalfSplit;

        /// <summary>Rotary positions: the base, the share of a head that is rotated, and the scaling that the file tells.</summary>
        /// <param name="scaling">The family's own scaling, where it has one that the file tells in another way; null from it: none.</param>
        public Func<ComponentContext, IPositionalEncoder> Rotary(Func<ComponentContext, RopeScaling?>? scaling = null)
        {
            double theta = metadata.OptionalNumber("rope_theta") ?? 10000;
            double share = metadata.OptionalNumber("partial_rotary_factor") ?? 1;
            int? dim = metadata.OptionalSize("rope_dim");
            RopePairing pairing = metadata.Pairing();
            RopeScaling? told = scaling is null ? metadata.RotaryScaling(metadata.Size("max_position_embeddings")) : null;
            return c =>
            {
                int rotaryDim = dim ?? (int)(c.HeadDim * share);
                return new RotaryPositions(rotaryDim, theta, pairing, scaling is null ? FileScaling(c, rotaryDim) ?? told : scaling(c));
            };
        }

        /// <summary>How rotary frequencies are stretched, or null.</summary>
        public RopeScaling? RotaryScaling(int contextLength)
        {
            string? kind = metadata.OptionalText("rope_scaling.type") ?? metadata.OptionalText("rope_scaling.rope_type");
            if (kind is null or "none" or "default")
                return null;
            double factor = metadata.OptionalNumber("rope_scaling.factor") ?? 1;
            int original = metadata.OptionalSize("rope_scaling.original_max_position_embeddings") ?? contextLength;
            if (!(factor > 0))
                throw new ModelFileException(metadata.Origin, "rope_scaling.factor", "a number above 0", $"{factor}");
            return kind switch
            {
                "linear" => new RopeScaling.Linear(factor),
                "ntk" => new RopeScaling.Ntk(factor),
                "yarn" => new RopeScaling.Yarn(
                    factor,
                    original,
                    metadata.OptionalNumber("rope_scaling.beta_fast") ?? 32,
                    metadata.OptionalNumber("rope_scaling.beta_slow") ?? 1,
                    metadata.OptionalNumber("rope_scaling.attention_factor") ?? YarnMagnitude(metadata, factor),
                    metadata.OptionalBoolean("rope_scaling.truncate") ?? true),
                "llama3" => new RopeScaling.Llama3(
                    factor,
                    metadata.OptionalNumber("rope_scaling.low_freq_factor") ?? 1,
                    metadata.OptionalNumber("rope_scaling.high_freq_factor") ?? 4,
                    original),
                _ => throw new UnsupportedModelException(metadata.Origin, "rope scaling", kind, ["none", "default", "linear", "ntk", "yarn", "llama3"]),
            };
        }
    }

    /// <summary>GGUF files of Llama 3.1 and later carry the stretched frequencies themselves, as divisors.</summary>
    private static RopeScaling? FileScaling(ComponentContext context, int rotaryDim) =>
        context.Weights.Root.Child("model").OptionalVector("rope_freqs.weight", rotaryDim / 2) is { } divisors
            ? new RopeScaling.PerFrequency(divisors)
            : null;

    /// <summary>DeepSeek weighs the logarithm in YaRN's factor, once for what is rotated and once for the scores.</summary>
    private static double? YarnMagnitude(IModelMetadata metadata, double factor) =>
        metadata.OptionalNumber("rope_scaling.mscale") is { } rotated and not 0 && metadata.OptionalNumber("rope_scaling.mscale_all_dim") is { } all and not 0
            ? RopeScaling.Yarn.Sharpening(factor, rotated) / RopeScaling.Yarn.Sharpening(factor, all)
            : null;
}
