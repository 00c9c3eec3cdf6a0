using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;
using Transformer.Core.Tests.Weights;

namespace Transformer.Core.Tests.Tool;

public class PerplexityCommandTests
{
    [DataFact]
    public async Task Documents_give_the_reference_s_perplexity()
    {
        JsonElement expected = Goldens.Lines("golden", "perplexity_doc.jsonl").Single(row => row.Text("model") == "stories260K-f32.gguf");
        JsonElement json = await ToolProcess.JsonAsync(
            "perplexity", "--model", TestData.Path("models", "stories260K.gguf"), "--file", TestData.Path("corpora", "tinystories_sample.txt"), "--documents");
        json.EnumerateObject().Select(property => property.Name).Should().Equal("perplexity", "tokens", "nll", "context");
        json.GetProperty("tokens").GetInt32().Should().Be(expected.GetProperty("tokens").GetInt32());
        json.GetProperty("nll").GetDouble().Should().BeApproximately(expected.GetProperty("nll").GetDouble(), 0.01);
        json.GetProperty("perplexity").GetDouble().Should().BeApproximately(expected.GetProperty("ppl").GetDouble(), 1e-4);
        json.GetProperty("context").GetInt32().Should().Be(512);
    }

    [DataTheory]
    [InlineData("f32", 1e-5)]
    [InlineData("f16", 1e-4)]
    [InlineData("bf16", 1e-3)]
    public async Task A_smaller_key_value_cache_costs_little(string format, double cost)
    {
        JsonElement expected = Goldens.Lines("golden", "perplexity_doc.jsonl").Single(row => row.Text("model") == "stories260K-f32.gguf");
        JsonElement json = await ToolProcess.JsonAsync(
            "perplexity", "--model", TestData.Path("models", "stories260K.gguf"), "--file", TestData.Path("corpora", "tinystories_sample.txt"), "--documents", "--kv-cache", format);
        double reference = expected.GetProperty("ppl").GetDouble();
        json.GetProperty("perplexity").GetDouble().Should().BeApproximately(reference, cost * reference);
    }

    [Fact]
    public async Task Documents_and_windows_are_scored_as_the_library_does()
    {
        using TemporaryFolder folder = new();
        string text = string.Join("\n<|endoftext|>\n", Primer.Reference.GetProperty("heldout").EnumerateArray().Select(row => row.Text("text")));
        string file = folder.Write("held-out.txt", text);
        TransformerModel model = TransformerBuilder.FromGguf(Primer.File).Build();

        Check(await ToolProcess.JsonAsync("perplexity", "--file", file, "--documents"), Perplexity.OfDocuments(model, text, 256));
        Check(await ToolProcess.JsonAsync("perplexity", "--file", file, "--context", "64"), Perplexity.OfText(model, text, 64));

        static void Check(JsonElement json, PerplexityResult expected)
        {
            json.GetProperty("nll").GetDouble().Should().Be(expected.NegativeLogLikelihood);
            json.GetProperty("perplexity").GetDouble().Should().Be(expected.Perplexity);
            json.GetProperty("tokens").GetInt32().Should().Be(expected.TokenCount);
            json.GetProperty("context").GetInt32().Should().Be(expected.ContextLength);
        }
    }
}
