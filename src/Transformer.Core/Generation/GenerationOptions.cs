using Transformer.Core.Generation;
using Transformer.Core.Sampling;

namespace Transformer.Core;

/// <summary>
/// How a text is completed. The default is greedy: always the most probable token. docs/generation.md has the table of
/// options with their formulas.
/// </summary>
public sealed record GenerationOptions
{
    private static readonly SamplingStep[] UsualOrder = Enum.GetValues<SamplingStep>();

    /// <summary>Most tokens to generate, at least 0. Default: 256.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>0 (the default) chooses the most probable token; above 0 chooses at random, the flatter the higher.</summary>
    public double Temperature { get; init; }

    /// <summary>How far the temperature moves up and down with the entropy (<see cref="Sampling.DynamicTemperature"/>); 0: not at all.</summary>
    public double DynamicTemperatureRange { get; init; }

    /// <summary>The power by which the entropy moves the temperature.</summary>
    public double DynamicTemperatureExponent { get; init; } = 1;

    /// <summary>Keeps the k most probable tokens; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest tokens that together have this probability; 1: all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this many times as probable as the most probable one; 0: all.</summary>
    public double MinP { get; init; }

    /// <summary>Keeps the tokens whose information is nearest to the entropy, until they have this probability (<see cref="Sampling.Typical"/>); 1: all.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Keeps logits within so many standard deviations of the largest (<see cref="Sampling.TopNSigma"/>); 0: all.</summary>
    public double TopNSigma { get; init; }

    /// <summary>How often the most probable tokens are excluded (<see cref="Sampling.Xtc"/>); 0: never.</summary>
    public double XtcProbability { get; init; }

    /// <summary>From which probability on a token counts as one of those; above 0.5 there are no two.</summary>
    public double XtcThreshold { get; init; } = 0.1;

    /// <summary>Makes recent tokens less likely; 1: no change.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken from a recent token's logit as often as it occurred (<see cref="Sampling.OccurrencePenalty"/>); below 0 encourages.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Taken from a recent token's logit once; below 0 encourages.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>How many of the last tokens count as recent for these penalties.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>Excludes tokens that would repeat a sequence of so many tokens (<see cref="Sampling.NoRepeatNgram"/>); 0: none.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Strength of the penalty on repeated sequences (<see cref="Sampling.Dry"/>); 0: none.</summary>
    public double DryMultiplier { get; init; }

    /// <summary>How fast that penalty grows with the sequence, at least 1.</summary>
    public double DryBase { get; init; } = 1.75;

    /// <summary>Longest sequence that may be repeated.</summary>
    public int DryAllowedLength { get; init; } = 2;

    /// <summary>How many of the last tokens it looks at; null: all.</summary>
    public int? DryWindow { get; init; }

    /// <summary>Texts over which no repeated sequence reaches.</summary>
    public IReadOnlyList<string> DrySequenceBreakers { get; init; } = ["\n", ":", "\"", "*"];

    /// <summary>
    /// 1 or 2: holds the surprise of the text at <see cref="MirostatTau"/> (<see cref="Sampling.MirostatV1"/>,
    /// <see cref="Sampling.MirostatV2"/>), in place of top-n-sigma, top-k, typical, top-p, min-p and XTC; 0: does not.
    /// </summary>
    public int Mirostat { get; init; }

    /// <summary>The surprise wanted, in bits a token.</summary>
    public double MirostatTau { get; init; } = 5;

    /// <summary>How fast it is approached.</summary>
    public double MirostatEta { get; init; } = 0.1;

    /// <summary>Added to the logits of tokens, by id, before everything else; −∞ bans a token.</summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init; } = new Dictionary<int, double>();

    /// <summary>The order of the steps; what is not in it is not done. The default is llama.cpp's, which is that of <see cref="SamplingStep"/>.</summary>
    public IReadOnlyList<SamplingStep> SamplingOrder { get; init; } = UsualOrder;

    /// <summary>Makes random choices repeatable; null: different each time.</summary>
    public int? Seed { get; init; }

    /// <summary>Strings that end the text; they are not part of it and may span tokens.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>
    /// Tokens that end the text; null: the tokenizer's end tokens and its beginning token, which some models emit
    /// when one text is over and another would begin. An end token counts as generated but has no text.
    /// </summary>
    public IReadOnlyList<int>? EndTokenIds { get; init; }

    /// <summary>Goes on after an end token.</summary>
    public bool IgnoreEndTokens { get; init; }

    /// <summary>Whether the beginning token comes before the prompt; null: as the model was trained.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether a prompt that spells a special token means that token. Off: user text is only text.</summary>
    public bool ParseSpecialTokens { get; init; }

    /// <summary>Gives the log-probability of each token: of the raw logits, whatever the steps below do to them.</summary>
    public bool Logprobs { get; init; }

    /// <summary>How many of the most probable tokens it gives too, up to the size of the vocabulary. Above 0 it means <see cref="Logprobs"/> as well.</summary>
    public int TopLogprobs { get; init; }

    /// <summary>
    /// When the context is full: drops half of the tokens behind the first <see cref="KeepTokens"/>, computes the rest again at
    /// its new positions, and goes on. Off (the default): the text ends with <see cref="FinishReason.ContextFull"/>. A prompt
    /// that does not fit is refused in either case.
    /// </summary>
    public bool ShiftContext { get; init; }

    /// <summary>How many of the first tokens are never dropped, such as those of the system prompt.</summary>
    public int KeepTokens { get; init; }

    /// <summary>Steps of one's own, made for each generation and applied before all others.</summary>
    public IReadOnlyList<Func<ILogitsProcessor>> LogitsProcessors { get; init; } = [];

    /// <summary>A choice of one's own, made for each generation; null: greedy or random by <see cref="Temperature"/>.</summary>
    public Func<ISampler>? Sampler { get; init; }

    internal bool WantsLogprobs => Logprobs || TopLogprobs > 0;

    /// <summary>The steps and the choice, for one generation.</summary>
    internal TokenChoice CreateChoice(ITokenizer tokenizer) => SamplerChain.Create(this, tokenizer);

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">An option has a value that cannot be; the message names it.</exception>
    internal void Validate(int vocabSize) => GenerationOptionsCheck.Validate(this, vocabSize);
}
