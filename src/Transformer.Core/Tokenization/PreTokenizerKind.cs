using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>How a byte-level vocabulary of a GGUF file cuts text: the file only gives a name (<c>tokenizer.ggml.pre</c>).</summary>
/// <param name="Patterns">The patterns, run one after the other; each match is a piece.</param>
/// <param name="ComposesText">Whether text is brought to Unicode's form NFC first, as the model's own tokenizer does.</param>
/// <param name="PrefersWholePieces">Whether a piece that is a token needs no merges (Hugging Face's <c>ignore_merges</c>).</param>
/// <param name="AddsBos">Whether such models begin with BOS where the file does not say.</param>
/// <remarks>The names and what they stand for are facts of llama.cpp's llama-vocab.cpp.</remarks>
internal sealed record PreTokenizerKind(Regex[] Patterns, bool ComposesText = false, bool PrefersWholePieces = false, bool AddsBos = false)
{
    private static readonly PreTokenizerKind Gpt2 = new([SplitPatterns.Gpt2()]);
    private static readonly PreTokenizerKind SingleDigits = new([SplitPatterns.Digit(), SplitPatterns.Gpt2()]);
    private static readonly PreTokenizerKind Cl100k = new([SplitPatterns.Llama3()]);
    private static readonly PreTokenizerKind Llama3 = Cl100k with { PrefersWholePieces = true, AddsBos = true };
    private static readonly PreTokenizerKind Tekken = new([SplitPatterns.Tekken()], PrefersWholePieces: true, AddsBos: true);
    private static readonly PreTokenizerKind O200k = new([SplitPatterns.O200k()]);
    private static readonly PreTokenizerKind SingleDigitsCl100k = new([SplitPatterns.Qwen2()]);
    private static readonly PreTokenizerKind Qwen2 = SingleDigitsCl100k with { ComposesText = true };
    private static readonly PreTokenizerKind Qwen35 = new([SplitPatterns.Qwen35()], ComposesText: true);
    private static readonly PreTokenizerKind Bloom = new([SplitPatterns.Bloom()]);
    private static readonly PreTokenizerKind Falcon = new([SplitPatterns.Punctuation(), SplitPatterns.Gpt2(), SplitPatterns.ThreeDigits()]);
    private static readonly PreTokenizerKind Unnamed =
        new([SplitPatterns.UnnamedPunctuation(), SplitPatterns.Gpt2(), SplitPatterns.Digits(), SplitPatterns.ThreeDigits()]);
    private static readonly PreTokenizerKind DeepSeekV3 = new([SplitPatterns.UpTo3Digits(), SplitPatterns.DeepSeekV3Kana(), SplitPatterns.DeepSeekV3Words()]);
    private static readonly PreTokenizerKind DeepSeekCoder = new(
    [
        SplitPatterns.LineBreak(), SplitPatterns.SpacedLetters(), SplitPatterns.SpacedPunctuation(), SplitPatterns.DeepSeekEastern(), SplitPatterns.Digit(),
    ]);
    private static readonly PreTokenizerKind DeepSeekLlm = new(
    [
        SplitPatterns.LineBreak(), SplitPatterns.DeepSeekCased(), SplitPatterns.DeepSeekPunctuation(),
        SplitPatterns.TrailingSpace(), SplitPatterns.DeepSeekEastern(), SplitPatterns.Digits(),
    ]);

    // only kinds whose ids were compared with a reference are listed: a wrong guess would give wrong ids in silence
    private static readonly Dictionary<string, PreTokenizerKind> ByName = Table(
        ("default", Unnamed),
        ("gpt-2 phi-2 olmo mpt jais mellum a.x-4.0 gigachat trillion granite-docling exaone4", Gpt2),
        ("smollm starcoder refact command-r codeshell exaone minerva-7b", SingleDigits),
        ("llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2", Llama3),
        ("dbrx smaug-bpe glm4 chatglm-bpe", Cl100k),
        ("tekken", Tekken),
        ("gpt-4o llama4 kanana2 minimax-m2", O200k),
        ("qwen2 deepseek-r1-qwen megrez", Qwen2),
        ("qwen35", Qwen35),
        ("stablelm2 hunyuan grok-2 solar-open", SingleDigitsCl100k),
        ("deepseek-llm", DeepSeekLlm),
        ("deepseek-coder", DeepSeekCoder),
        ("deepseek-v3 hunyuan-dense joyai-llm", DeepSeekV3),
        ("falcon", Falcon),
        ("bloom gpt3-finnish poro-chat", Bloom),
        ("viking", new([SplitPatterns.Bloom(), SplitPatterns.Digit()])));

    /// <summary>Every name that is known.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The kind of a name; llama.cpp's default where the file has none, as old files do not.</summary>
    /// <exception cref="UnsupportedModelException">The name is not known.</exception>
    public static PreTokenizerKind Find(string file, string? name) =>
        name is null ? Unnamed
        : ByName.TryGetValue(name, out PreTokenizerKind? kind) ? kind
        : throw new UnsupportedModelException(file, "pre-tokenizer (tokenizer.ggml.pre)", name, ByName.Keys);

    private static Dictionary<string, PreTokenizerKind> Table(params (string Names, PreTokenizerKind Kind)[] rows) =>
        rows.SelectMany(row => row.Names.Split(' '), (row, name) => (name, row.Kind)).ToDictionary(pair => pair.name, pair => pair.Kind, StringComparer.Ordinal);
}
