using System.Text.RegularExpressions;

namespace Transformer.Core.Tokenization;

/// <summary>How a byte-level vocabulary of a GGUF file cuts text: the file only gives a name (<c>tokenizer.ggml.pre</c>).</summary>
/// <param name="Patterns">The patterns, run one after the other.</param>
/// <param name="ComposesText">Whether text is brought to Unicode's form NFC first, as the model's own tokenizer does.</param>
/// <param name="PrefersWholePieces">Whether a piece that is a token needs no merges (Hugging Face's <c>ignore_merges</c>).</param>
/// <param name="AddsBos">Whether such models begin with BOS where the file does not say.</param>
internal sealed record PreTokenizerKind(Regex[] Patterns, bool ComposesText = false, bool PrefersWholePieces = false, bool AddsBos = false)
{
    private static readonly PreTokenizerKind Gpt2 = new([SplitPatterns.Gpt2()]);
    private static readonly PreTokenizerKind Llama3 = new([SplitPatterns.Llama3()], PrefersWholePieces: true, AddsBos: true);
    private static readonly PreTokenizerKind Qwen2 = new([SplitPatterns.Qwen2()], ComposesText: true);
    private static readonly PreTokenizerKind O200k = new([SplitPatterns.O200k()]);
    private static readonly PreTokenizerKind DeepSeekV3 = new([SplitPatterns.UpTo3Digits(), SplitPatterns.DeepSeekV3Kana(), SplitPatterns.DeepSeekV3Words()]);
    private static readonly PreTokenizerKind DeepSeekLlm = new(
    [
        SplitPatterns.LineBreak(), SplitPatterns.DeepSeekCased(), SplitPatterns.DeepSeekPunctuation(),
        SplitPatterns.TrailingSpace(), SplitPatterns.DeepSeekEastern(), SplitPatterns.Digits(),
    ]);

    // only kinds that reference ids have proved are listed: a wrong guess would give wrong ids in silence
    private static readonly Dictionary<string, PreTokenizerKind> ByName = new(StringComparer.Ordinal)
    {
        ["gpt-2"] = Gpt2,
        ["phi-2"] = Gpt2,
        ["llama-bpe"] = Llama3,
        ["llama3"] = Llama3,
        ["llama-v3"] = Llama3,
        ["falcon3"] = Llama3,
        ["qwen2"] = Qwen2,
        ["deepseek-r1-qwen"] = Qwen2,
        ["deepseek-llm"] = DeepSeekLlm,
        ["deepseek-v3"] = DeepSeekV3,
        ["gpt-4o"] = O200k,
        ["llama4"] = O200k,
    };

    /// <summary>The kind of a name; GPT-2's where the file has none.</summary>
    /// <exception cref="UnsupportedModelException">The name is not known.</exception>
    public static PreTokenizerKind Find(string file, string? name) =>
        name is null ? Gpt2
        : ByName.TryGetValue(name, out PreTokenizerKind? kind) ? kind
        : throw new UnsupportedModelException(file, "pre-tokenizer (tokenizer.ggml.pre)", name, ByName.Keys);
}
