using Transformer.Core.FeedForward;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;

namespace Transformer.Core.Architectures;

/// <summary>What several families read from metadata in the same way.</summary>
internal static class MetadataReading
{
    extension(IModelMetadata metadata)
    {
        /// <summary>An integer of at least 1.</summary>
        public int Size(string key) => Positive(metadata, key, metadata.Integer(key));

        /// <summary>An integer of at least 1, or null.</summary>
        public int? OptionalSize(string key) => metadata.OptionalInteger(key) is { } value ? Positive(metadata, key, value) : null;

        /// <summary>The epsilon of the normalizations.</summary>
        public double Epsilon(string key, double fallback)
        {
            double value = metadata.OptionalNumber(key) ?? fallback;
            return value is > 0 and < 1 ? value : throw new ModelFileException(metadata.Origin, key, "a number above 0 and below 1", $"{value}");
        }

        /// <summary>The activation function under its Hugging Face name.</summary>
        public ActivationFunction Activation(ActivationFunction fallback) => metadata.OptionalText("hidden_act") switch
        {
            null => fallback,
            "gelu" => ActivationFunction.Gelu,
            "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => ActivationFunction.GeluTanh,
            "relu" => ActivationFunction.Relu,
            "silu" or "swish" => ActivationFunction.Silu,
            string other => throw new UnsupportedModelException(metadata.Origin, "activation function", other, ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "relu", "silu", "swish"]),
        };

        /// <summary>Which features a rotary pair is made of, as the file's reader tells.</summary>
        public RopePairing Pairing() => metadata.OptionalText("rope_pairing") == "interleaved" ? RopePairing.Interleaved : RopePairing.HalfSplit;

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
                    metadata.OptionalNumber("rope_scaling.attention_factor")),
                "llama3" => new RopeScaling.Llama3(
                    factor,
                    metadata.OptionalNumber("rope_scaling.low_freq_factor") ?? 1,
                    metadata.OptionalNumber("rope_scaling.high_freq_factor") ?? 4,
                    original),
                _ => throw new UnsupportedModelException(metadata.Origin, "rope scaling", kind, ["none", "default", "linear", "ntk", "yarn", "llama3"]),
            };
        }
    }

    private static int Positive(IModelMetadata metadata, string key, int value) =>
        value >= 1 ? value : throw new ModelFileException(metadata.Origin, key, "an integer of at least 1", $"{value}");
}
