using Transformer.Core.Numerics;
using Transformer.Core.Sampling;

namespace Transformer.Core.Generation;

/// <summary>
/// Makes the steps that options ask for, in their order. As in llama.cpp's chain (common/sampling.cpp), the bias comes first,
/// and mirostat does the work of the steps that cut the distribution off.
/// </summary>
internal static class SamplerChain
{
    /// <summary>The steps and the choice.</summary>
    public static TokenChoice Create(GenerationOptions options, ITokenizer tokenizer)
    {
        // Each random step has a sequence of its own.
        ulong first = options.Seed is { } seed ? (ulong)(uint)seed : (ulong)Random.Shared.NextInt64();
        ulong second = SplitMix64.Mix(first);

        List<ILogitsProcessor> steps = [.. options.LogitsProcessors.Select(create => create())];
        if (options.LogitBias.Count > 0)
            steps.Add(new LogitBias(options.LogitBias));
        foreach (SamplingStep step in options.SamplingOrder)
            if (options.Mirostat == 0 || step is SamplingStep.Penalties or SamplingStep.NoRepeatNgram or SamplingStep.Dry or SamplingStep.Temperature)
                steps.AddRange(Steps(step, options, tokenizer, second));
        return new TokenChoice([.. steps], options.Sampler?.Invoke() ?? Sampler(options, first));
    }

    private static IEnumerable<ILogitsProcessor> Steps(SamplingStep step, GenerationOptions o, ITokenizer tokenizer, ulong seed)
    {
        switch (step)
        {
            case SamplingStep.Penalties:
                if (o.RepetitionPenalty != 1)
                    yield return new RepetitionPenalty(o.RepetitionPenalty, o.RepetitionWindow);
                if (o.FrequencyPenalty != 0 || o.PresencePenalty != 0)
                    yield return new OccurrencePenalty(o.FrequencyPenalty, o.PresencePenalty, o.RepetitionWindow);
                break;
            case SamplingStep.NoRepeatNgram when o.NoRepeatNgramSize > 0:
                yield return new NoRepeatNgram(o.NoRepeatNgramSize);
                break;
            case SamplingStep.Dry when o.DryMultiplier > 0:
                yield return new Dry(o.DryMultiplier, o.DryBase, o.DryAllowedLength, o.DryWindow, SequenceBreakers.Of(o.DrySequenceBreakers, tokenizer));
                break;
            case SamplingStep.TopNSigma when o.TopNSigma > 0:
                yield return new TopNSigma(o.TopNSigma);
                break;
            case SamplingStep.TopK when o.TopK > 0:
                yield return new TopK(o.TopK);
                break;
            case SamplingStep.Typical when o.TypicalP < 1:
                yield return new Typical(o.TypicalP);
                break;
            case SamplingStep.TopP when o.TopP < 1:
                yield return new TopP(o.TopP);
                break;
            case SamplingStep.MinP when o.MinP > 0:
                yield return new MinP(o.MinP);
                break;
            case SamplingStep.Xtc when o.XtcProbability > 0:
                yield return new Xtc(o.XtcProbability, o.XtcThreshold, seed);
                break;
            case SamplingStep.Temperature when o.Temperature > 0:
                yield return o.DynamicTemperatureRange > 0
                    ? new DynamicTemperature(o.Temperature, o.DynamicTemperatureRange, o.DynamicTemperatureExponent)
                    : new Temperature(o.Temperature);
                break;
            default:
                break;
        }
    }

    private static ISampler Sampler(GenerationOptions o, ulong seed) => o switch
    {
        { Temperature: 0 } => new GreedySampler(),
        { Mirostat: 1 } => new MirostatV1(o.MirostatTau, o.MirostatEta, seed),
        { Mirostat: 2 } => new MirostatV2(o.MirostatTau, o.MirostatEta, seed),
        _ => new RandomSampler(seed),
    };
}
