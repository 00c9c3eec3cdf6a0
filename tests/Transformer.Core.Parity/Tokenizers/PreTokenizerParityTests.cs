using Transformer.Core.Parity.LlamaCpp;
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
    public void Every_id_equals_the_reference(string name) => Check(name);

    private static void Check(string? name)
    {
        using TemporaryFolder folder = new();
        string path = VocabularyFile.Write(folder, VocabularyData.PathOf("tokenizers", "qwen3", "tokenizer.json"), "gpt2", name, "<|im_end|>");
        using LlamaVocabulary theirs = new(path);
        using GgufFile file = GgufFile.Open(path);
        ITokenizer ours = TokenizerLoader.FromMetadata(file);
        Comparison.Check(HardTexts.Chosen.Concat(HardTexts.Random(2000, seed: 3)).Concat(HardTexts.Corpora().Take(100)), text => theirs.Encode(text), ours);
    }
}
