using System.Text.Json;
using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>What <c>normalizer</c> and <c>pre_tokenizer</c> of a tokenizer.json do to a text before tokens merge.</summary>
internal sealed class HuggingFaceText
{
    private readonly TokenizerJson _file;

    private HuggingFaceText(TokenizerJson file) => _file = file;

    /// <summary>Whether text is brought to NFC.</summary>
    public bool ComposesText { get; private set; }

    /// <summary>Whether tokens are spelled in bytes.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>Byte level only: whether a fragment begins with a space.</summary>
    public bool AddsPrefixSpace { get; private set; }

    /// <summary>What cuts the text, in order.</summary>
    public List<SplitStep> SplitSteps { get; } = [];

    /// <summary>Whether spaces are escaped as U+2581.</summary>
    public bool IsMetaspace { get; private set; }

    /// <summary>Escaped spaces only: whether every fragment begins with a space of its own.</summary>
    public bool PrependsSpace { get; private set; }

    /// <summary>Escaped spaces only: which fragments get a space unless they begin with one.</summary>
    public SpacePrefix Prefix { get; private set; } = SpacePrefix.Never;

    /// <summary>Escaped spaces only: whether no token crosses the beginning of a word.</summary>
    public bool SplitsWords { get; private set; }

    /// <summary>Reads both parts.</summary>
    /// <exception cref="UnsupportedModelException">They hold a step that is not supported.</exception>
    public static HuggingFaceText Read(TokenizerJson file)
    {
        var text = new HuggingFaceText(file);
        foreach (JsonElement step in text.Steps("normalizer", "normalizers"))
            text.ReadNormalizer(step);
        foreach (JsonElement step in text.Steps("pre_tokenizer", "pretokenizers"))
            text.ReadPreTokenizer(step);
        if (text.IsByteLevel == text.IsMetaspace || (text.IsMetaspace && text.ComposesText))
        {
            throw new UnsupportedModelException(
                file.Path, "combination of normalizer and pre_tokenizer", $"byte level: {text.IsByteLevel}, escaped spaces: {text.IsMetaspace}",
                ["ByteLevel, with what cuts text before it", "Metaspace, with what cuts text behind it", "the normalizers Prepend and Replace of Llama 2 and Gemma"]);
        }
        return text;
    }

    private IEnumerable<JsonElement> Steps(string part, string list)
    {
        if (TokenizerJson.Find(_file.Root, part) is not { } step)
            return [];
        return TokenizerJson.Text(step, "type") == "Sequence" ? _file.Items(step, list) : [step];
    }

    private void ReadNormalizer(JsonElement step)
    {
        switch (TokenizerJson.Text(step, "type"))
        {
            case "NFC":
                ComposesText = true;
                break;
            case "Prepend" when TokenizerJson.Text(step, "prepend") == "\u2581":
                (IsMetaspace, PrependsSpace) = (true, true);
                break;
            case "Replace" when TokenizerJson.Text(TokenizerJson.Find(step, "pattern"), "String") == " " && TokenizerJson.Text(step, "content") == "\u2581":
                IsMetaspace = true;
                break;
            default:
                throw new UnsupportedModelException(_file.Path, "normalizer", step.GetRawText(), ["NFC", "Prepend of U+2581", "Replace of a space by U+2581"]);
        }
    }

    private void ReadPreTokenizer(JsonElement step)
    {
        switch (TokenizerJson.Text(step, "type"))
        {
            case "ByteLevel":
                IsByteLevel = true;
                AddsPrefixSpace |= TokenizerJson.Flag(step, "add_prefix_space") ?? true;
                if (TokenizerJson.Flag(step, "use_regex") ?? true)
                    SplitSteps.Add(new SplitStep(SplitPatterns.Gpt2()));
                break;
            // what follows would see the spelling of bytes, what comes before no escaped spaces
            case not null when IsByteLevel:
                throw Unsupported(step);
            case "Metaspace" when TokenizerJson.Text(step, "replacement") == "\u2581" && SplitSteps.Count == 0:
                IsMetaspace = true;
                SplitsWords = TokenizerJson.Flag(step, "split") ?? true;
                Prefix = (TokenizerJson.Text(step, "prepend_scheme") ?? (TokenizerJson.Flag(step, "add_prefix_space") == false ? "never" : "always")) switch
                {
                    "never" => SpacePrefix.Never,
                    "first" => SpacePrefix.First,
                    _ => SpacePrefix.Always,
                };
                break;
            case "Digits":
                SplitSteps.Add(new SplitStep(TokenizerJson.Flag(step, "individual_digits") == true ? SplitPatterns.Digit() : SplitPatterns.Digits()));
                break;
            case "Punctuation":
                SplitSteps.Add(new SplitStep(SplitPatterns.AnyPunctuation(), ReadBehavior(step, "Isolated")));
                break;
            case "WhitespaceSplit":
                SplitSteps.Add(new SplitStep(SplitPatterns.WhiteSpace(), SplitBehavior.Removed));
                break;
            case "Split":
                SplitSteps.Add(new SplitStep(ReadPattern(step), ReadBehavior(step, null), TokenizerJson.Flag(step, "invert") ?? false));
                break;
            default:
                throw Unsupported(step);
        }
    }

    private UnsupportedModelException Unsupported(JsonElement step) =>
        new(_file.Path, "pre_tokenizer", step.GetRawText(), ["ByteLevel", "Split", "Digits", "Punctuation", "WhitespaceSplit", "Metaspace"]);

    private SplitBehavior ReadBehavior(JsonElement step, string? otherwise) => (TokenizerJson.Text(step, "behavior") ?? otherwise) switch
    {
        "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw Unsupported(step),
    };

    private Regex ReadPattern(JsonElement step)
    {
        JsonElement? pattern = TokenizerJson.Find(step, "pattern");
        if (TokenizerJson.Text(pattern, "String") is { Length: > 0 } text)
            return SplitPatterns.FromFile(_file.Path, Regex.Escape(text));
        return SplitPatterns.FromFile(_file.Path, TokenizerJson.Text(pattern, "Regex") ?? throw _file.Wrong("pre_tokenizer.pattern", "a regular expression", pattern));
    }
}
