using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>The patterns that cut text into pieces, one method a pattern, compiled at build time.</summary>
/// <remarks>
/// They are those of the models' own tokenizer.json files. Each has a time limit, though none of them can backtrack
/// badly: the same limit holds for patterns that come with a file.
/// </remarks>
internal static partial class SplitPatterns
{
    /// <summary>No match may take longer, in milliseconds.</summary>
    public const int TimeoutMilliseconds = 10_000;

    private const RegexOptions Options = RegexOptions.CultureInvariant;
    private const string Gpt2Text = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Llama3Text = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen2Text = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string O200kText =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?" +
        @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Qwen35Text =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string TekkenText =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" +
        @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string UpTo3DigitsText = @"\p{N}{1,3}";
    private const string DeepSeekV3KanaText = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
    private const string DeepSeekV3WordsText =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+" +
        "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

    // Latin, Greek, Cyrillic, Armenian, Georgian and their kin, as the file lists them; those above U+FFFF come as stand-ins
    private const string DeepSeekCasedText =
        @"\s?[A-Za-z" +
        @"\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376\u0377" +
        @"\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-\u0556" +
        @"\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A" +
        @"\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4" +
        @"\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC" +
        @"\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F" +
        @"\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B" +
        @"\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A" +
        "]+";

    private static readonly Dictionary<string, Regex> Known = new(StringComparer.Ordinal)
    {
        [Gpt2Text] = Gpt2(),
        [Llama3Text] = Llama3(),
        [Qwen2Text] = Qwen2(),
        [Qwen35Text] = Qwen35(),
        [O200kText] = O200k(),
        [TekkenText] = Tekken(),
        [UpTo3DigitsText] = UpTo3Digits(),
        [DeepSeekV3KanaText] = DeepSeekV3Kana(),
        [DeepSeekV3WordsText] = DeepSeekV3Words(),
    };

    /// <summary>A pattern of a file: the compiled one where it is known, otherwise one with a time limit.</summary>
    /// <exception cref="UnsupportedModelException">It is no pattern that .NET understands.</exception>
    public static Regex FromFile(string file, string pattern)
    {
        if (Known.TryGetValue(pattern, out Regex? known))
            return known;
        try
        {
            return new Regex(pattern, Options, TimeSpan.FromMilliseconds(TimeoutMilliseconds));
        }
        catch (ArgumentException cause)
        {
            throw new UnsupportedModelException(file, $"pre-tokenizer pattern ({cause.Message})", pattern, ["patterns of .NET regular expressions"]);
        }
    }

    /// <summary>The exception for a pattern that takes too long.</summary>
    public static ModelFileException TooSlow(string file, RegexMatchTimeoutException cause) =>
        new(file, "pre-tokenizer pattern", $"a match within {cause.MatchTimeout.TotalSeconds} s", cause.Pattern, cause);

    /// <summary>GPT-2; also r50k_base and p50k_base.</summary>
    [GeneratedRegex(Gpt2Text, Options, TimeoutMilliseconds)]
    public static partial Regex Gpt2();

    /// <summary>Llama 3; also cl100k_base.</summary>
    [GeneratedRegex(Llama3Text, Options, TimeoutMilliseconds)]
    public static partial Regex Llama3();

    /// <summary>Qwen 2 and 3: Llama 3 with each digit alone.</summary>
    [GeneratedRegex(Qwen2Text, Options, TimeoutMilliseconds)]
    public static partial Regex Qwen2();

    /// <summary>o200k_base (GPT-4o, gpt-oss).</summary>
    [GeneratedRegex(O200kText, Options, TimeoutMilliseconds)]
    public static partial Regex O200k();

    /// <summary>Qwen 3.5: Qwen 2 with marks as parts of words.</summary>
    [GeneratedRegex(Qwen35Text, Options, TimeoutMilliseconds)]
    public static partial Regex Qwen35();

    /// <summary>Mistral's Tekken: o200k_base with each digit alone and no contractions.</summary>
    [GeneratedRegex(TekkenText, Options, TimeoutMilliseconds)]
    public static partial Regex Tekken();

    /// <summary>DeepSeek V3, first: up to three digits.</summary>
    [GeneratedRegex(UpTo3DigitsText, Options, TimeoutMilliseconds)]
    public static partial Regex UpTo3Digits();

    /// <summary>DeepSeek V3, second: CJK and Kana.</summary>
    [GeneratedRegex(DeepSeekV3KanaText, Options, TimeoutMilliseconds)]
    public static partial Regex DeepSeekV3Kana();

    /// <summary>DeepSeek V3, third: the rest.</summary>
    [GeneratedRegex(DeepSeekV3WordsText, Options, TimeoutMilliseconds)]
    public static partial Regex DeepSeekV3Words();

    /// <summary>DeepSeek LLM: each line break alone.</summary>
    [GeneratedRegex("[\r\n]", Options, TimeoutMilliseconds)]
    public static partial Regex LineBreak();

    /// <summary>DeepSeek LLM: words of cased scripts.</summary>
    [GeneratedRegex(DeepSeekCasedText, Options, TimeoutMilliseconds)]
    public static partial Regex DeepSeekCased();

    /// <summary>DeepSeek LLM: punctuation.</summary>
    [GeneratedRegex(@"\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+", Options, TimeoutMilliseconds)]
    public static partial Regex DeepSeekPunctuation();

    /// <summary>DeepSeek LLM: white space at the end of a piece.</summary>
    [GeneratedRegex(@"\s+$", Options, TimeoutMilliseconds)]
    public static partial Regex TrailingSpace();

    /// <summary>DeepSeek LLM: CJK, Hangul and whatever lies between U+0800 and them.</summary>
    [GeneratedRegex(@"[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+", Options, TimeoutMilliseconds)]
    public static partial Regex DeepSeekEastern();

    /// <summary>Each digit alone.</summary>
    [GeneratedRegex(@"\p{N}", Options, TimeoutMilliseconds)]
    public static partial Regex Digit();

    /// <summary>Runs of digits.</summary>
    [GeneratedRegex(@"\p{N}+", Options, TimeoutMilliseconds)]
    public static partial Regex Digits();

    /// <summary>DeepSeek Coder: words, with a space before.</summary>
    [GeneratedRegex(@"\s?\p{L}+", Options, TimeoutMilliseconds)]
    public static partial Regex SpacedLetters();

    /// <summary>DeepSeek Coder: punctuation, with a space before.</summary>
    [GeneratedRegex(@"\s?\p{P}+", Options, TimeoutMilliseconds)]
    public static partial Regex SpacedPunctuation();

    /// <summary>Falcon: runs of punctuation and of ASCII's symbols.</summary>
    [GeneratedRegex(@"[\p{P}$+<=>^~|`]+", Options, TimeoutMilliseconds)]
    public static partial Regex Punctuation();

    /// <summary>The "Punctuation" of tokenizer.json: one mark, or one of ASCII's symbols.</summary>
    [GeneratedRegex(@"[\p{P}$+<=>^~|`]", Options, TimeoutMilliseconds)]
    public static partial Regex AnyPunctuation();

    /// <summary>Files that name no kind: the same without the grave accent.</summary>
    [GeneratedRegex(@"[\p{P}$+<=>^~|]+", Options, TimeoutMilliseconds)]
    public static partial Regex UnnamedPunctuation();

    /// <summary>Falcon: ASCII digits by threes.</summary>
    [GeneratedRegex("[0-9][0-9][0-9]", Options, TimeoutMilliseconds)]
    public static partial Regex ThreeDigits();

    /// <summary>BLOOM: words, with a space before, up to white space or a mark that ends a clause.</summary>
    [GeneratedRegex(" ?[^(\\s|.,!?\u2026\u3002\uFF0C\u3001\u0964\u06D4\u060C)]+", Options, TimeoutMilliseconds)]
    public static partial Regex Bloom();

    /// <summary>Gemma 4 in GGUF: line breaks apart from the rest.</summary>
    [GeneratedRegex("[^\n]+|\n+", Options, TimeoutMilliseconds)]
    public static partial Regex Lines();

    /// <summary>Runs of white space.</summary>
    [GeneratedRegex(@"\s+", Options, TimeoutMilliseconds)]
    public static partial Regex WhiteSpace();
}
