using System.CommandLine;

namespace Transformer.Core.Tool.Completion;

/// <summary>The options of <c>complete</c> that make a <see cref="GenerationOptions"/>; the names are llama.cpp's where it has them.</summary>
internal sealed class SamplingArguments
{
    private readonly List<Option> _options = [];
    private readonly Option<int> _maxTokens, _topK, _window, _ngram, _dryAllowed, _mirostat, _topLogprobs, _keep;
    private readonly Option<double> _temperature, _dynamicRange, _dynamicExponent, _topP, _minP, _typical, _sigma, _xtcProbability, _xtcThreshold;
    private readonly Option<double> _penalty, _frequency, _presence, _dryMultiplier, _dryBase, _tau, _eta;
    private readonly Option<int?> _dryWindow, _seed;
    private readonly Option<string[]> _stop, _bias;
    private readonly Option<bool> _ignoreEos, _logprobs, _shift, _parseSpecial;

    public SamplingArguments()
    {
        _maxTokens = Integer("--max-tokens", 256, 0, "Most tokens to generate.", "--n-predict");
        _temperature = Number("--temperature", 0, x => x >= 0, "a number of at least 0", "0: always the most probable token; above: at random, the flatter the higher.", "--temp");
        _dynamicRange = Number("--dynatemp-range", 0, x => x >= 0, "a number of at least 0", "How far the temperature moves with the entropy; 0: not at all.");
        _dynamicExponent = Number("--dynatemp-exp", 1, x => x > 0, "a number above 0", "The power by which the entropy moves it.");
        _topK = Integer("--top-k", 0, 0, "Keep the k most probable tokens; 0: all.");
        _topP = Number("--top-p", 1, x => x is > 0 and <= 1, "a number above 0 and at most 1", "Keep the fewest tokens that together have this probability.");
        _minP = Number("--min-p", 0, x => x is >= 0 and <= 1, "a number from 0 to 1", "Keep tokens at least this many times as probable as the best.");
        _typical = Number("--typical", 1, x => x is > 0 and <= 1, "a number above 0 and at most 1", "Keep the tokens nearest to the entropy, of this probability together; 1: all.");
        _sigma = Number("--top-n-sigma", 0, x => x >= 0, "a number of at least 0", "Keep logits within so many standard deviations of the largest; 0: all.");
        _xtcProbability = Number("--xtc-probability", 0, x => x is >= 0 and <= 1, "a number from 0 to 1", "How often the most probable tokens are excluded.");
        _xtcThreshold = Number("--xtc-threshold", 0.1, x => x is >= 0 and <= 1, "a number from 0 to 1", "From which probability on a token is one of those.");
        _penalty = Number("--repetition-penalty", 1, x => x > 0, "a number above 0", "Make recent tokens less likely; 1: no change.", "--repeat-penalty");
        _frequency = Number("--frequency-penalty", 0, _ => true, "a number", "Taken from a recent token's logit as often as it occurred.");
        _presence = Number("--presence-penalty", 0, _ => true, "a number", "Taken from a recent token's logit once.");
        _window = Integer("--repeat-last-n", 64, 0, "How many of the last tokens are recent.");
        _ngram = Integer("--no-repeat-ngram", 0, 0, "Exclude tokens that would repeat a sequence of so many tokens; 0: none.");
        _dryMultiplier = Number("--dry-multiplier", 0, x => x >= 0, "a number of at least 0", "Strength of the penalty on repeated sequences; 0: none.");
        _dryBase = Number("--dry-base", 1.75, x => x >= 1, "a number of at least 1", "How fast it grows with the sequence.");
        _dryAllowed = Integer("--dry-allowed-length", 2, 0, "Longest sequence that may be repeated.");
        _dryWindow = Add(new Option<int?>("--dry-penalty-last-n") { Description = "How many of the last tokens it looks at. Default: all.", HelpName = "N" });
        _mirostat = Integer("--mirostat", 0, 0, "1 or 2: hold the surprise of the text; 0: do not.");
        _tau = Number("--mirostat-ent", 5, x => x > 0, "a number above 0", "The surprise wanted, bits a token.");
        _eta = Number("--mirostat-lr", 0.1, x => x > 0, "a number above 0", "How fast it is approached.");
        _bias = Add(new Option<string[]>("--logit-bias") { Description = "TOKEN_ID+BIAS or TOKEN_ID-BIAS, such as 15043+1; -inf bans; may be given several times.", HelpName = "ID+X" });
        _seed = Add(new Option<int?>("--seed") { Description = "Makes random choices repeatable.", HelpName = "N" });
        _stop = Add(new Option<string[]>("--stop", "--reverse-prompt") { Description = "A text that ends the completion; may be given several times.", HelpName = "S" });
        _ignoreEos = Add(new Option<bool>("--ignore-eos") { Description = "Go on after an end token." });
        _parseSpecial = Add(new Option<bool>("--parse-special") { Description = "A prompt that spells a special token means it." });
        _logprobs = Add(new Option<bool>("--logprobs") { Description = "Give the log-probability of each token, in --json." });
        _topLogprobs = Integer("--top-logprobs", 0, 0, "Give so many of the most probable tokens as well, in --json.");
        _shift = Add(new Option<bool>("--context-shift") { Description = "When the context is full, drop its older half and go on." });
        _keep = Integer("--keep", 0, 0, "How many of the first tokens are never dropped.");
    }

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => _options;

    /// <summary>Makes the options of a command line; what cannot be is said by the library, with its name.</summary>
    public GenerationOptions Read(ParseResult parsed) => new()
    {
        MaxTokens = parsed.GetValue(_maxTokens),
        Temperature = parsed.GetValue(_temperature),
        DynamicTemperatureRange = parsed.GetValue(_dynamicRange),
        DynamicTemperatureExponent = parsed.GetValue(_dynamicExponent),
        TopK = parsed.GetValue(_topK),
        TopP = parsed.GetValue(_topP),
        MinP = parsed.GetValue(_minP),
        TypicalP = parsed.GetValue(_typical),
        TopNSigma = parsed.GetValue(_sigma),
        XtcProbability = parsed.GetValue(_xtcProbability),
        XtcThreshold = parsed.GetValue(_xtcThreshold),
        RepetitionPenalty = parsed.GetValue(_penalty),
        FrequencyPenalty = parsed.GetValue(_frequency),
        PresencePenalty = parsed.GetValue(_presence),
        RepetitionWindow = parsed.GetValue(_window),
        NoRepeatNgramSize = parsed.GetValue(_ngram),
        DryMultiplier = parsed.GetValue(_dryMultiplier),
        DryBase = parsed.GetValue(_dryBase),
        DryAllowedLength = parsed.GetValue(_dryAllowed),
        DryWindow = parsed.GetValue(_dryWindow),
        Mirostat = parsed.GetValue(_mirostat),
        MirostatTau = parsed.GetValue(_tau),
        MirostatEta = parsed.GetValue(_eta),
        LogitBias = Biases.Parse(parsed.GetValue(_bias) ?? []),
        Seed = parsed.GetValue(_seed),
        StopStrings = parsed.GetValue(_stop) ?? [],
        IgnoreEndTokens = parsed.GetValue(_ignoreEos),
        ParseSpecialTokens = parsed.GetValue(_parseSpecial),
        Logprobs = parsed.GetValue(_logprobs),
        TopLogprobs = parsed.GetValue(_topLogprobs),
        ShiftContext = parsed.GetValue(_shift),
        KeepTokens = parsed.GetValue(_keep),
    };

    private Option<int> Integer(string name, int fallback, int smallest, string description, params string[] aliases) =>
        Add(SharedOptions.Integer(name, fallback, smallest, description), aliases);

    private Option<double> Number(string name, double fallback, Predicate<double> isValid, string expected, string description, params string[] aliases) =>
        Add(SharedOptions.Number(name, fallback, x => double.IsFinite(x) && isValid(x), expected, description), aliases);

    private TOption Add<TOption>(TOption option, params string[] aliases)
        where TOption : Option
    {
        foreach (string alias in aliases)
            option.Aliases.Add(alias);
        _options.Add(option);
        return option;
    }
}
