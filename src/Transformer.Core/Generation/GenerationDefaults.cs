using Transformer.Core.Sampling;

namespace Transformer.Core.Generation;

/// <summary>Reads how a checkpoint recommends to sample it.</summary>
/// <remarks>
/// GGUF: the keys <c>general.sampling.*</c> (llama.cpp's gguf-py constants), with llama.cpp's defaults for what they leave
/// open (temperature 0.8). Hugging Face: generation_config.json, where <c>do_sample</c> must be true for anything to be
/// random (transformers' GenerationConfig), and the repetition penalty counts all tokens.
/// </remarks>
internal static class GenerationDefaults
{
    private const string Gguf = "general.sampling.";
    private const string HuggingFace = "generation_config.";

    /// <summary>The options.</summary>
    /// <param name="metadata">The checkpoint's metadata; null: greedy.</param>
    /// <exception cref="ModelFileException">A value cannot be.</exception>
    public static GenerationOptions Of(IModelMetadata? metadata)
    {
        if (metadata is null)
            return new GenerationOptions();
        GenerationOptions options = metadata.Keys.Any(key => key.StartsWith(Gguf, StringComparison.Ordinal)) ? OfGguf(metadata) : OfHuggingFace(metadata);
        try
        {
            options.Validate(int.MaxValue);
            return options;
        }
        catch (ArgumentException wrong)
        {
            throw new ModelFileException(metadata.Origin, "generation defaults", "values that can be", wrong.Message.TrimEnd('.'), wrong);
        }
    }

    private static GenerationOptions OfGguf(IModelMetadata metadata)
    {
        GenerationOptions none = new();
        int last = metadata.OptionalInteger(Gguf + "penalty_last_n") ?? none.RepetitionWindow;
        return none with
        {
            Temperature = Math.Max(Number("temp", 0.8), 0),
            TopK = Math.Max(metadata.OptionalInteger(Gguf + "top_k") ?? 0, 0),
            TopP = Probability(Number("top_p", none.TopP)),
            MinP = Number("min_p", none.MinP),
            XtcProbability = Number("xtc_probability", none.XtcProbability),
            XtcThreshold = Number("xtc_threshold", none.XtcThreshold),
            RepetitionPenalty = Number("penalty_repeat", none.RepetitionPenalty),
            RepetitionWindow = last < 0 ? int.MaxValue : last,
            Mirostat = metadata.OptionalInteger(Gguf + "mirostat") ?? 0,
            MirostatTau = Number("mirostat_tau", none.MirostatTau),
            MirostatEta = Number("mirostat_eta", none.MirostatEta),
            SamplingOrder = Order(metadata.OptionalText(Gguf + "sequence")) ?? none.SamplingOrder,
        };

        double Number(string key, double fallback) => metadata.OptionalNumber(Gguf + key) ?? fallback;
    }

    /// <summary>llama.cpp's names of the steps, separated by semicolons; what we do not have is left out, as an unknown name is there.</summary>
    private static IReadOnlyList<SamplingStep>? Order(string? names) => names is null ? null :
    [
        SamplingStep.NoRepeatNgram,
        .. names.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.Replace('-', '_') switch
        {
            "penalties" => SamplingStep.Penalties,
            "dry" => SamplingStep.Dry,
            "top_n_sigma" => SamplingStep.TopNSigma,
            "top_k" => SamplingStep.TopK,
            "typ_p" or "typical" or "typical_p" or "typ" => SamplingStep.Typical,
            "top_p" or "nucleus" => SamplingStep.TopP,
            "min_p" => SamplingStep.MinP,
            "xtc" => SamplingStep.Xtc,
            "temperature" or "temp" => SamplingStep.Temperature,
            _ => (SamplingStep?)null,
        }).OfType<SamplingStep>(),
    ];

    private static GenerationOptions OfHuggingFace(IModelMetadata metadata)
    {
        GenerationOptions none = new();
        bool samples = metadata.OptionalBoolean(HuggingFace + "do_sample") ?? false;
        GenerationOptions options = none with
        {
            MaxTokens = metadata.OptionalInteger(HuggingFace + "max_new_tokens") ?? none.MaxTokens,
            RepetitionPenalty = Number("repetition_penalty", none.RepetitionPenalty),
            RepetitionWindow = int.MaxValue,
            NoRepeatNgramSize = metadata.OptionalInteger(HuggingFace + "no_repeat_ngram_size") ?? 0,
        };
        if (options.RepetitionPenalty == 1)
            options = options with { RepetitionWindow = none.RepetitionWindow };
        return !samples ? options : options with
        {
            Temperature = Number("temperature", 1),
            TopK = metadata.OptionalInteger(HuggingFace + "top_k") ?? 0,
            TopP = Probability(Number("top_p", none.TopP)),
            MinP = Number("min_p", none.MinP),
            TypicalP = Probability(Number("typical_p", none.TypicalP)),
        };

        double Number(string key, double fallback) => metadata.OptionalNumber(HuggingFace + key) ?? fallback;
    }

    /// <summary>Files write 0 and 1 for a step that is off.</summary>
    private static double Probability(double value) => value == 0 ? 1 : value;
}
