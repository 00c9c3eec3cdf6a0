using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Positions;
using Transformer.Core.Weights;

namespace Transformer.Core.Architectures;

/// <summary>
/// Phi-3 and Phi-4 (arXiv:2404.14219, arXiv:2412.08905): Llama's layer with q, k, v and gate, up fused in the files.
/// Those for long contexts stretch positions by LongRoPE (Ding et al. 2024, arXiv:2402.13753): one list of divisors for
/// contexts up to the trained length, one for longer ones.
/// </summary>
/// <remarks>
/// The model's context length chooses the list, so that keys of one cache agree:
/// <see cref="TransformerBuilder.WithContextLength"/> with at most the trained length gives the short one.
/// </remarks>
public sealed class Phi3Architecture : IArchitecture
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Names { get; } = ["phi3"];

    /// <inheritdoc/>
    public void Configure(TransformerBuilder builder, IModelMetadata metadata)
    {
        double epsilon = metadata.Epsilon("rms_norm_eps", 1e-5);
        ActivationFunction activation = metadata.Activation(ActivationFunction.Silu);
        Func<int, int?> window = metadata.Windows(_ => true);
        builder
            .WithSizesOf(metadata)
            .WithDropout(0)
            .WithPositions(metadata.Rotary(LongRope(metadata)))
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon))
            .WithAttention(c => new MultiHeadAttention(c, window: window(c.Layer)))
            .WithFeedForward(c => new GatedMlp(c, activation))
            .WithOutputOf(metadata);
    }

    private static Func<ComponentContext, RopeScaling?> LongRope(IModelMetadata metadata)
    {
        bool isLongRope = metadata.OptionalText("rope_scaling.type") is "longrope" or "su";
        int longest = metadata.Size("max_position_embeddings");
        RopeScaling? other = isLongRope ? null : metadata.RotaryScaling(longest);
        int trained = metadata.OptionalSize("rope_scaling.original_max_position_embeddings") ?? longest;
        double factor = metadata.OptionalNumber("rope_scaling.factor") ?? ((double)longest / trained);
        double attention = metadata.OptionalNumber("rope_scaling.attention_factor")
            ?? (factor <= 1 || trained <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(factor) / Math.Log(trained))));
        double share = metadata.OptionalNumber("partial_rotary_factor") ?? 1;
        int? dim = metadata.OptionalSize("rope_dim");
        return c =>
        {
            // A checkpoint must be read in full, so both lists are.
            int pairs = (dim ?? (int)(c.HeadDim * share)) / 2;
            IReadOnlyList<float>? within = Divisors(c, metadata, "short", pairs);
            IReadOnlyList<float>? beyond = Divisors(c, metadata, "long", pairs);
            if (isLongRope && (within is null || beyond is null))
                throw new ModelFileException(metadata.Origin, "rope_scaling", "short_factor and long_factor", "one or none of them");
            return (c.ContextLength > trained ? beyond : within) is { } divisors ? new RopeScaling.PerFrequency(divisors, attention) : other;
        };
    }

    /// <summary>A list as a tensor (GGUF) or in the metadata (config.json).</summary>
    private static IReadOnlyList<float>? Divisors(ComponentContext context, IModelMetadata metadata, string kind, int pairs)
    {
        WeightScope model = context.Weights.Root.Child("model");
        return model.OptionalVector($"rope_factors_{kind}.weight", pairs) ?? metadata.Find($"rope_scaling.{kind}_factor") switch
        {
            double[] numbers => [.. numbers.Select(number => (float)number)],
            long[] numbers => [.. numbers.Select(number => (float)number)],
            _ => null,
        };
    }
}
