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
        Comparison.Check(texts, text => theirs.Encode(text), ours);
    }
}
