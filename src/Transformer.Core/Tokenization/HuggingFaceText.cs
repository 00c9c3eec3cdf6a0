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

    /// <summary>Byte level only: what cuts the text.</summary>
    public List<Regex> Patterns { get; } = [];

    /// <summary>Whether spaces are escaped as U+2581.</summary>
    public bool IsMetaspace { get; private set; }

    /// <summary>Escaped spaces only: where one is put before a text.</summary>
    public SpacePrefix Prefix { get; private set; } = SpacePrefix.Never;

    /// <summary>Escaped spaces only: whether a text that begins with a space gets another.</summary>
    public bool PrefixesSpaces { get; private set; }

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
        if (text.IsByteLevel == text.IsMetaspace || (text.IsMetaspace && (text.ComposesText || text.Patterns.Count > 0)))
        {
            throw new UnsupportedModelException(
                file.Path, "combination of normalizer and pre_tokenizer", $"byte level: {text.IsByteLevel}, escaped spaces: {text.IsMetaspace}",
                ["ByteLevel, with Split or Digits before it", "Metaspace", "the normalizers Prepend and Replace of Llama 2"]);
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
                (IsMetaspace, Prefix, PrefixesSpaces) = (true, SpacePrefix.Always, true);
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
                    Patterns.Add(SplitPatterns.Gpt2());
                break;
            case "Digits":
                Patterns.Add(TokenizerJson.Flag(step, "individual_digits") == true ? SplitPatterns.Digit() : SplitPatterns.Digits());
                break;
            case "Split" when KeepsMatches(step):
                Patterns.Add(ReadPattern(step));
                break;
            case "Metaspace" when TokenizerJson.Text(step, "replacement") == "\u2581":
                IsMetaspace = true;
                SplitsWords = TokenizerJson.Flag(step, "split") ?? true;
                Prefix = (TokenizerJson.Text(step, "prepend_scheme") ?? (TokenizerJson.Flag(step, "add_prefix_space") == false ? "never" : "always")) switch
                {
                    "never" => SpacePrefix.Never,
                    "first" => SpacePrefix.First,
                    _ => SpacePrefix.Always,
                };
                break;
            default:
                throw new UnsupportedModelException(_file.Path, "pre_tokenizer", step.GetRawText(), ["ByteLevel", "Split (Isolated)", "Digits", "Metaspace"]);
        }
    }

    // "Removed" with "invert" keeps the matches and drops the rest, which the patterns in use leave empty
    private static bool KeepsMatches(JsonElement step) => (TokenizerJson.Text(step, "behavior"), TokenizerJson.Flag(step, "invert") ?? false) switch
    {
        ("Isolated", _) => true,
        ("Removed", true) => true,
        _ => false,
    };

    private Regex ReadPattern(JsonElement step)
    {
        JsonElement? pattern = TokenizerJson.Find(step, "pattern");
        if (TokenizerJson.Text(pattern, "String") is { Length: > 0 } text)
            return SplitPatterns.FromFile(_file.Path, Regex.Escape(text));
        return SplitPatterns.FromFile(_file.Path, TokenizerJson.Text(pattern, "Regex") ?? throw _file.Wrong("pre_tokenizer.pattern", "a regular expression", pattern));
    }
}
