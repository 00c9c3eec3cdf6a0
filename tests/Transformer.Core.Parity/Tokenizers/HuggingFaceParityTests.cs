using System.Text;
using Transformer.Core.Tokenization;
namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Every id of tokenizer.json files against the Hugging Face tokenizers.</summary>
public sealed class HuggingFaceParityTests
{
    [RustTheory]
    [InlineData("tokenizers", "llama3")]
    [InlineData("tokenizers", "qwen3")]
    [InlineData("tokenizers", "deepseek_v3")]
    [InlineData("models", "stories260K-hf")]
    public void Every_id_equals_the_reference(string parent, string name) => CheckFolder(VocabularyData.PathOf(parent, name));

    [RustTheory]
    [InlineData("tokenizers", "llama3")]
    [InlineData("tokenizers", "qwen3")]
    [InlineData("tokenizers", "deepseek_v3")]
    public void Unpaired_surrogates_are_replacement_characters(string parent, string name)
    {
        string folder = VocabularyData.PathOf(parent, name);
        using RustTokenizer rust = new(Path.Combine(folder, "tokenizer.json"));
        ITokenizer ours = TokenizerLoader.FromHuggingFace(folder);

        // the reference refuses them
        foreach (string text in new[] { "a\uD83Db", "\uDE42", "\uD83D", "x\uDE42\uD83D y", "\uD83D\uD83D\uDE42" })
        {
            string replaced = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            ours.Encode(text, addBos: false).Should().Equal(rust.Encode(replaced));
            ours.Decode(ours.Encode(text, addBos: false)).Should().Be(replaced);
        }
    }

    /// <summary>The folders below the one that TRANSFORMER_TOKENIZERS names: for checks by hand of vocabularies that are not ours to hand on.</summary>
    public static TheoryData<string> Others =>
        Environment.GetEnvironmentVariable("TRANSFORMER_TOKENIZERS") is { Length: > 0 } root ? [.. Directory.GetDirectories(root).Order()] : [""];

    [RustTheory]
    [MemberData(nameof(Others))]
    public void Every_id_of_other_vocabularies_equals_the_reference(string folder)
    {
        if (folder.Length > 0)
            CheckFolder(folder);
    }

    private static void CheckFolder(string folder)
    {
        using RustTokenizer rust = new(Path.Combine(folder, "tokenizer.json"));
        ITokenizer ours = TokenizerLoader.FromHuggingFace(folder);
        IEnumerable<string> texts = HardTexts.Chosen.Concat(HardTexts.Random(2000, seed: 1)).Concat(HardTexts.Corpora());
        Comparison.Check(texts, rust.Encode, ours, parseSpecial: true);
        Comparison.Check(HardTexts.WithSpecialTokens(ours, 300, seed: 7), rust.Encode, ours, parseSpecial: true);
        foreach (string letter in new[] { "a", " ", "\n", "中", "=", "1", "🙂" })
        {
            string text = string.Concat(Enumerable.Repeat(letter, 100_000));
            ours.Encode(text, addBos: false).Should().Equal(rust.Encode(text), "of 100,000 times '{0}'", letter);
        }
    }
}
