using System.Text.Json;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Golden;

/// <summary>The trained stories260K weights against what llama.cpp and llama2.c made of them.</summary>
public class StoriesTests
{
    public static TheoryData<string> FullPrecision => new("stories260K.gguf", "stories260K-hf", "stories260K-hf-sharded");

    [DataTheory]
    [MemberData(nameof(FullPrecision))]
    public void Greedy_completions_equal_the_reference_token_for_token(string file)
    {
        TransformerModel model = ModelLoader.Open(TestData.Path("models", file)).Build();
        foreach (string reference in (string[])["llama.cpp-f32.jsonl", "llama2c.jsonl", "llama.cpp-f32-long450.jsonl"])
        {
            foreach (JsonElement row in Goldens.Lines("golden", "completions", reference))
            {
                int[] expected = row.Ints("gen_ids");
                GenerationResult result = model.Complete(row.Text("prompt"), new GenerationOptions { MaxTokens = expected.Length });
                result.PromptTokenIds.Should().Equal(row.Ints("prompt_ids"));
                result.TokenIds.Should().Equal(expected, "{0}: {1}", reference, row.Text("prompt"));
                result.FinishReason.Should().Be(row.Text("stop") == "bos" ? FinishReason.EndToken : FinishReason.MaxTokens);
                if (row.TryGetProperty("text", out JsonElement text))
                    result.Text.Should().Be(text.GetString());
            }
        }
    }

    [DataTheory]
    [InlineData("f16")]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    public void First_tokens_of_quantized_files_agree_where_the_reference_is_sure(string format)
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", $"stories260K-{format}.gguf")).Build();
        int compared = 0;
        foreach (JsonElement row in Goldens.Lines("golden", "completions", $"llama.cpp-{format}.jsonl"))
        {
            using DecoderSession session = model.CreateSession();
            int[] expected = row.Ints("gen_ids");
            ReadOnlySpan<float> logits = session.Forward(row.Ints("prompt_ids"));
            foreach ((JsonElement top, int step) in row.GetProperty("top5_first8").EnumerateArray().Select((e, i) => (e, i)))
            {
                if (top[0][1].GetSingle() - top[1][1].GetSingle() > 0.1f)
                {
                    ArgMax.Compute(logits).Should().Be(expected[step]);
                    compared++;
                }
                logits = session.Forward(expected[step]);
            }
        }
        compared.Should().BeGreaterThan(20);
    }

    [DataTheory]
    [InlineData("stories260K.gguf", "stories260K-f32.gguf", 0.001)]
    [InlineData("stories260K-f16.gguf", "stories260K-f16.gguf", 0.001)]
    [InlineData("stories260K-bf16.gguf", "stories260K-bf16.gguf", 0.001)]
    [InlineData("stories260K-q8_0.gguf", "stories260K-q8_0.gguf", 0.005)]
    [InlineData("stories260K-q4_0.gguf", "stories260K-q4_0.gguf", 0.005)]
    public void Perplexity_of_documents_is_the_reference_s(string file, string reference, double tolerance)
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", file)).Build();
        JsonElement expected = Goldens.Lines("golden", "perplexity_doc.jsonl").Single(row => row.Text("model") == reference);
        string text = File.ReadAllText(TestData.Path("corpora", "tinystories_sample.txt"));
        PerplexityResult result = Perplexity.OfDocuments(model, text, 512);
        result.TokenCount.Should().Be(expected.GetProperty("tokens").GetInt32());
        result.Perplexity.Should().BeApproximately(expected.GetProperty("ppl").GetDouble(), tolerance * expected.GetProperty("ppl").GetDouble());
    }

    [DataFact]
    public void Perplexity_of_windows_is_llama_cpp_s()
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", "stories260K.gguf")).Build();
        string text = File.ReadAllText(TestData.Path("corpora", "tinystories_sample.txt"));
        Perplexity.OfText(model, text, 128).Perplexity.Should().BeApproximately(6.8453, 0.0007);
    }
}
