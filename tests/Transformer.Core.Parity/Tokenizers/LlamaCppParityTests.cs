using Transformer.Core.Parity.Support;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Every id of GGUF vocabularies against llama.cpp.</summary>
public sealed class LlamaCppParityTests
{
    [LlamaVocabularyTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("deepseek-llm")]
    public void Every_id_equals_the_reference(string name)
    {
        string path = VocabularyData.PathOf("golden", "vocab", $"ggml-vocab-{name}.gguf");
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);

        IEnumerable<string> texts = HardTexts.Chosen.Concat(HardTexts.Random(2000, seed: 2)).Concat(HardTexts.Corpora());
        Comparison.Check(texts.Where(text => PreTokenizerParityTests.IsComparable(name, text)), text => theirs.Encode(text), ours);

        string[] special = [.. HardTexts.WithSpecialTokens(ours, 300, seed: 8).Where(text => PreTokenizerParityTests.IsComparable(name, text))];
        Comparison.Check(special, text => theirs.Encode(text, parseSpecial: true), ours, parseSpecial: true);
        Comparison.Check(special, text => theirs.Encode(text), ours);
    }

    [LlamaVocabularyTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    public void A_hundred_thousand_equal_characters_have_the_references_ids(string name)
    {
        string path = VocabularyData.PathOf("golden", "vocab", $"ggml-vocab-{name}.gguf");
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);

        foreach (string letter in new[] { "a", " ", "\n", "中", "=", "1", "🙂" })
        {
            string text = string.Concat(Enumerable.Repeat(letter, 100_000));
            ours.Encode(text, addBos: false).Should().Equal(theirs.Encode(text), "of 100,000 times '{0}'", letter);
        }
    }

    /// <summary>Gemma 4's kind of file: escaped spaces, merges from a list, bytes for what is no token.</summary>
    [LlamaVocabularyTheory]
    [InlineData("models/stories260K-hf/tokenizer.json", "</s>", "<s>")]
    public void Every_id_of_listed_merges_over_escaped_spaces_equals_the_reference(string json, string eos, string bos)
    {
        using TemporaryFolder folder = new();
        string path = VocabularyFile.Write(folder, VocabularyData.PathOf(json), "gemma4", pre: null, eos, bos);
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);

        Comparison.Check(HardTexts.Chosen.Concat(HardTexts.Random(2000, seed: 4)).Concat(HardTexts.Corpora().Take(100)), text => theirs.Encode(text), ours);
        (ours.BosTokenId, ours.AddsBos).Should().Be((theirs.Bos, theirs.AddsBos));
    }

    [LlamaVocabularyTheory]
    [InlineData("gpt-2")]
    [InlineData("llama-spm")]
    [InlineData("deepseek-llm")]
    public void The_same_tokens_begin_and_end_a_text(string name)
    {
        string path = VocabularyData.PathOf("golden", "vocab", $"ggml-vocab-{name}.gguf");
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);

        (ours.BosTokenId, ours.AddsBos).Should().Be((theirs.Bos, theirs.AddsBos));
        Enumerable.Range(0, ours.VocabSize).Where(theirs.Ends).Should().BeEquivalentTo(ours.EndTokenIds);
    }
}
