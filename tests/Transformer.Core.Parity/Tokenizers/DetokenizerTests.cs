using Transformer.Core.Tokenization;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Text that comes token by token is the text of all tokens together, wherever one stops.</summary>
public sealed class DetokenizerTests
{
    [RustTheory]
    [InlineData("tokenizers/llama3")]
    [InlineData("tokenizers/qwen3")]
    [InlineData("tokenizers/deepseek_v3")]
    [InlineData("models/stories260K-hf")]
    [InlineData("golden/vocab/ggml-vocab-gpt-2.gguf")]
    [InlineData("golden/vocab/ggml-vocab-llama-spm.gguf")]
    [InlineData("golden/vocab/ggml-vocab-deepseek-llm.gguf")]
    public void Every_prefix_decodes_as_a_whole(string path)
    {
        path = VocabularyData.PathOf(path);
        using GgufFile? file = File.Exists(path) ? GgufFile.Open(path) : null;
        ITokenizer tokenizer = file is null ? TokenizerLoader.FromHuggingFace(path) : TokenizerLoader.FromMetadata(file);
        var random = new Random(5);
        // texts, whose characters are split over tokens, and tokens in any order, whose bytes often are no characters
        IEnumerable<int[]> sequences = HardTexts.Chosen.Concat(HardTexts.Random(300, seed: 6)).Select(text => tokenizer.Encode(text))
            .Concat(Enumerable.Range(0, 300).Select(_ => Enumerable.Range(0, 30).Select(_ => random.Next(tokenizer.VocabSize)).ToArray()));

        foreach (int[] ids in sequences)
        {
            var stream = new IncrementalDetokenizer(tokenizer);
            string received = "";
            for (int count = 1; count <= Math.Min(ids.Length, 60); count++)
            {
                received += stream.Append(ids[count - 1]);
                string whole = tokenizer.Decode(ids.AsSpan(0, count));
                // an unfinished character is one U+FFFD of the whole, and waits in the stream
                (received == whole || received + "\uFFFD" == whole).Should().BeTrue("'{0}' is '{1}' after {2}", received, whole, string.Join(' ', ids[..count]));
            }
            if (ids.Length <= 60)
                (received + stream.Flush()).Should().Be(tokenizer.Decode(ids));
        }
    }
}
