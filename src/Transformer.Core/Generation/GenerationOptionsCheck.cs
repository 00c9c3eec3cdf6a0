using Transformer.Core.Sampling;

namespace Transformer.Core.Generation;

/// <summary>Checks every option of a generation.</summary>
internal static class GenerationOptionsCheck
{
    /// <summary>Throws at the first option that cannot be.</summary>
    /// <exception cref="ArgumentException">The message names the option, what was expected and what was found.</exception>
    public static void Validate(GenerationOptions o, int vocabSize)
    {
        AtLeast(0, o.MaxTokens, nameof(o.MaxTokens));
        Finite(o.Temperature, nameof(o.Temperature), 0);
        Finite(o.DynamicTemperatureRange, nameof(o.DynamicTemperatureRange), 0);
        Finite(o.DynamicTemperatureExponent, nameof(o.DynamicTemperatureExponent), 0);
        AtLeast(0, o.TopK, nameof(o.TopK));
        Check(o.TopP is > 0 and <= 1, nameof(o.TopP), o.TopP, "above 0 and at most 1");
        Check(o.MinP is >= 0 and <= 1, nameof(o.MinP), o.MinP, "0 to 1");
        Check(o.TypicalP is > 0 and <= 1, nameof(o.TypicalP), o.TypicalP, "above 0 and at most 1");
        Finite(o.TopNSigma, nameof(o.TopNSigma), 0);
        Check(o.XtcProbability is >= 0 and <= 1, nameof(o.XtcProbability), o.XtcProbability, "0 to 1");
        Check(o.XtcThreshold is >= 0 and <= 1, nameof(o.XtcThreshold), o.XtcThreshold, "0 to 1");
        Check(o.RepetitionPenalty > 0 && double.IsFinite(o.RepetitionPenalty), nameof(o.RepetitionPenalty), o.RepetitionPenalty, "a finite number above 0");
        Finite(o.FrequencyPenalty, nameof(o.FrequencyPenalty));
        Finite(o.PresencePenalty, nameof(o.PresencePenalty));
        AtLeast(0, o.RepetitionWindow, nameof(o.RepetitionWindow));
        AtLeast(0, o.NoRepeatNgramSize, nameof(o.NoRepeatNgramSize));
        Finite(o.DryMultiplier, nameof(o.DryMultiplier), 0);
        Finite(o.DryBase, nameof(o.DryBase), 1);
        AtLeast(0, o.DryAllowedLength, nameof(o.DryAllowedLength));
        AtLeast(0, o.DryWindow ?? 0, nameof(o.DryWindow));
        NoEmpty(o.DrySequenceBreakers, nameof(o.DrySequenceBreakers));
        Check(o.Mirostat is >= 0 and <= 2, nameof(o.Mirostat), o.Mirostat, "0, 1 or 2");
        Check(o.Mirostat == 0 || o.Temperature > 0, nameof(o.Temperature), o.Temperature, "a number above 0 with Mirostat");
        Check(o.MirostatTau > 0 && double.IsFinite(o.MirostatTau), nameof(o.MirostatTau), o.MirostatTau, "a finite number above 0");
        Finite(o.MirostatEta, nameof(o.MirostatEta), 0);
        foreach ((int id, double bias) in o.LogitBias)
        {
            Check((uint)id < (uint)vocabSize, nameof(o.LogitBias), id, $"ids from 0 to {vocabSize - 1}");
            Check(double.IsFinite(bias) || double.IsNegativeInfinity(bias), nameof(o.LogitBias), bias, "finite numbers or negative infinity");
        }
        foreach (SamplingStep step in o.SamplingOrder)
            Check(Enum.IsDefined(step) && o.SamplingOrder.Count(other => other == step) == 1, nameof(o.SamplingOrder), step, "each step at most once");
        NoEmpty(o.StopStrings, nameof(o.StopStrings));
        Check(o.TopLogprobs >= 0 && o.TopLogprobs <= vocabSize, nameof(o.TopLogprobs), o.TopLogprobs, $"0 to {vocabSize}, the size of the vocabulary");
        AtLeast(0, o.KeepTokens, nameof(o.KeepTokens));
    }

    private static void Finite(double value, string name, double least = double.MinValue) =>
        Check(value >= least && double.IsFinite(value), name, value, least == double.MinValue ? "a finite number" : $"a finite number of at least {least}");

    private static void AtLeast(int least, int value, string name) => Check(value >= least, name, value, $"at least {least}");

    private static void NoEmpty(IReadOnlyList<string> texts, string name)
    {
        if (texts.Any(string.IsNullOrEmpty))
            throw new ArgumentException($"{name}: expected non-empty strings, found an empty one.", name);
    }

    /// <summary>Throws unless it holds.</summary>
    public static void Check(bool holds, string name, object value, string expected)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name}: expected {expected}, found {value}.");
    }
}
