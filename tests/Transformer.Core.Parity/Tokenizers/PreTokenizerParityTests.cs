using System.Globalization;
using System.Text;
using Transformer.Core.Parity.Support;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>
/// Every name of <c>tokenizer.ggml.pre</c> that we know, with one real vocabulary, against llama.cpp: the name decides
/// where the text is cut, and a large vocabulary shows each cut.
/// </summary>
public sealed class PreTokenizerParityTests
{
    public static TheoryData<string> Names => [.. PreTokenizerKind.Names];

    [LlamaVocabularyTheory]
    [MemberData(nameof(Names))]
    public void Every_id_equals_the_reference(string name)
    {
        using TemporaryFolder folder = new();
        string path = VocabularyFile.Write(folder, VocabularyData.PathOf("tokenizers", "qwen3", "tokenizer.json"), "gpt2", name, "<|im_end|>");
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);
        PreTokenizerKind kind = PreTokenizerKind.Find(path, name);
        bool composes = kind.ComposesText;

        // of names for the same kind the first gets all texts
        bool isFirst = name == PreTokenizerKind.Names.First(other => PreTokenizerKind.Find(path, other) == kind);
        IEnumerable<string> texts = isFirst ? HardTexts.Chosen.Concat(HardTexts.Random(2000, seed: 3)).Concat(HardTexts.Corpora().Take(50)) : HardTexts.Chosen;
        Comparison.Check(texts.Where(text => IsComparable(name, text)), text => theirs.Encode(composes ? CanonicalComposition.Of(text) : text), ours);
        theirs.AddsBos.Should().Be(ours.AddsBos);
    }

    /// <summary>
    /// Where llama.cpp cuts otherwise than the models' own patterns, which we follow (HuggingFaceParityTests compares
    /// them): it takes marks for no parts of words, forgets that ~ is a symbol, and that ranges hold white space.
    /// </summary>
    internal static bool IsComparable(string name, string text) => name switch
    {
        "gpt-4o" or "llama4" or "kanana2" or "minimax-m2" or "tekken" =>
            !text.EnumerateRunes().Any(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark),
        "deepseek-v3" or "hunyuan-dense" or "joyai-llm" => !text.Contains('~'),
        "deepseek-llm" or "deepseek-coder" => !text.Any(character => character > '\u0800' && char.IsWhiteSpace(character)),
        _ => true,
    };
}
