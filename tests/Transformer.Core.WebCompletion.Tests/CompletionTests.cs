using System.Text.Json;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.Tests.Data;
using Transformer.Core.WebCompletion.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.WebCompletion.Tests;

public class CompletionTests(WebApp app) : IClassFixture<WebApp>
{
    [Fact]
    public async Task Primer_completes_as_in_PyTorch()
    {
        using JsonDocument reference = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Path("samples", "primer", "reference.json")));
        foreach (JsonElement row in reference.RootElement.GetProperty("greedy").EnumerateArray())
        {
            string prompt = row.GetProperty("prompt").GetString()!;
            int most = row.GetProperty("new_ids").GetArrayLength();
            (_, JsonElement body) = await app.Post("v1/completions", new { model = "primer", prompt, max_tokens = most, temperature = 0 });
            Text(body).Should().Be(row.GetProperty("text").GetString());
            List<JsonElement> events = await app.Events("v1/completions", new { model = "primer", prompt, max_tokens = most, temperature = 0, stream = true });
            string.Concat(events.Select(Text)).Should().Be(row.GetProperty("text").GetString());
            body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32().Should().Be(row.GetProperty("ids").GetArrayLength());
        }
    }

    [Fact]
    public async Task Prompts_may_be_tokens_and_several_each_with_several_answers()
    {
        (_, JsonElement one) = await app.Post("v1/completions", new { model = "primer", prompt = "I love", max_tokens = 3 });
        (_, JsonElement body) = await app.Post("v1/completions", new { model = "primer", prompt = new[] { "My mother is", "I love" }, n = 2, max_tokens = 3 });
        JsonElement[] choices = [.. body.GetProperty("choices").EnumerateArray()];
        choices.Select(choice => choice.GetProperty("index").GetInt32()).Should().Equal(0, 1, 2, 3);
        choices[3].GetProperty("text").GetString().Should().Be(Text(one)).And.Be(choices[2].GetProperty("text").GetString()).And.NotBe(choices[0].GetProperty("text").GetString());
        body.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(12);

        TransformerModel primer = TransformerBuilder.FromGguf(Repository.Path("samples", "primer", "primer.gguf")).Build();
        (_, JsonElement tokens) = await app.Post("v1/completions", new { model = "primer", prompt = primer.Tokenizer!.Encode("I love"), max_tokens = 3 });
        Text(tokens).Should().Be(Text(one));
    }

    [Fact]
    public async Task A_seed_repeats_and_the_next_answer_has_the_next_seed()
    {
        object Request(int seed, int n) => new { model = "primer", prompt = "从前，", temperature = 1.2, top_p = 0.95, seed, n, max_tokens = 12, frequency_penalty = 0.1, presence_penalty = 0.1 };
        (_, JsonElement first) = await app.Post("v1/completions", Request(7, 2));
        (_, JsonElement again) = await app.Post("v1/completions", Request(7, 2));
        (_, JsonElement next) = await app.Post("v1/completions", Request(8, 1));
        Text(again).Should().Be(Text(first));
        Text(next).Should().Be(first.GetProperty("choices")[1].GetProperty("text").GetString()).And.NotBe(Text(first));
    }

    [Fact]
    public async Task A_bias_bans_a_token_and_another_brings_one()
    {
        TransformerModel primer = TransformerBuilder.FromGguf(Repository.Path("samples", "primer", "primer.gguf")).Build();
        int[] ids = primer.Tokenizer!.Encode("国中", addBos: false);
        ids.Should().HaveCount(2);
        (_, JsonElement banned) = await app.Post("v1/completions", new { model = "primer", prompt = "我爱中华人民共和", max_tokens = 1, logit_bias = new Dictionary<string, double> { [$"{ids[0]}"] = -100 } });
        Text(banned).Should().NotBe("国");
        (_, JsonElement brought) = await app.Post("v1/completions", new { model = "primer", prompt = "我爱中华人民共和", max_tokens = 1, logit_bias = new Dictionary<string, double> { [$"{ids[1]}"] = 100 } });
        Text(brought).Should().Be("中");
    }

    [Theory]
    [InlineData("one STOP two", "STOP", "one ")]
    [InlineData("one STO two STOPPED", "STOP", "one STO two ")]
    [InlineData("a🙂b", "🙂", "a")]
    [InlineData("never", "STOP", "never")]
    [InlineData("ends in STO", "STOP", "ends in STO")]
    public async Task Stop_strings_over_borders_of_tokens_are_exact(string answer, string stop, string expected)
    {
        // a token is one byte, so every stop string here lies over borders
        ScriptedModel model = new();
        using WebApp scripted = WebApp.With(model.Model, options => options.Defaults = model.Answers(answer, answer, answer, answer));
        foreach (object stops in new object[] { stop, new[] { "nothing", stop } })
        {
            (_, JsonElement body) = await scripted.Post("v1/completions", new { model = "tiny", prompt = "x", max_tokens = 100, stop = stops });
            Text(body).Should().Be(expected);
            body.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("stop");
        }
        List<JsonElement> events = await scripted.Events("v1/completions", new { model = "tiny", prompt = "x", max_tokens = 100, stop, stream = true });
        string.Concat(events.Select(Text)).Should().Be(expected);
        events = await scripted.Events("v1/chat/completions", new { model = "tiny", messages = new[] { new { role = "user", content = "x" } }, stop, stream = true });
        string.Concat(events.Select(item => item.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement text) ? text.GetString() : "")).Should().Be(expected);
    }

    [Fact]
    public async Task Probabilities_of_all_alternatives_sum_to_one()
    {
        LetterTokenizer tokenizer = new();
        TransformerModel model = new TransformerBuilder().WithName("letters").WithVocabulary(tokenizer.VocabSize).WithContextLength(64).WithLayers(2).WithHiddenSize(16).WithHeads(2)
            .WithTokenizer(tokenizer).WithWeights(new RandomWeights(5)).Build();
        using WebApp letters = WebApp.With(model, _ => { });

        (_, JsonElement body) = await letters.Post("v1/completions", new { model = "letters", prompt = "abc", max_tokens = 10, logprobs = 20, temperature = 1, seed = 3 });
        JsonElement logprobs = body.GetProperty("choices")[0].GetProperty("logprobs");
        JsonElement[] tops = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];
        tops.Should().NotBeEmpty();
        for (int i = 0; i < tops.Length; i++)
        {
            Dictionary<string, double> top = tops[i].EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetDouble());
            top.Should().HaveCount(16);
            top.Values.Sum(Math.Exp).Should().BeApproximately(1, 1e-6);
            top[logprobs.GetProperty("tokens")[i].GetString()!].Should().Be(logprobs.GetProperty("token_logprobs")[i].GetDouble());
            logprobs.GetProperty("text_offset")[i].GetInt32().Should().Be(i);
        }

        (_, JsonElement chat) = await letters.Post("v1/chat/completions", new { model = "letters", messages = new[] { new { role = "user", content = "abc" } }, max_completion_tokens = 4, logprobs = true, top_logprobs = 20 });
        JsonElement[] content = [.. chat.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        content.Should().NotBeEmpty();
        foreach (JsonElement token in content)
            token.GetProperty("top_logprobs").EnumerateArray().Sum(entry => Math.Exp(entry.GetProperty("logprob").GetDouble())).Should().BeApproximately(1, 1e-6);
    }

    [Fact]
    public async Task The_stream_ends_with_its_usage_where_it_is_asked_for()
    {
        List<JsonElement> events = await app.Events("v1/completions", new { model = "primer", prompt = "I love", max_tokens = 4, stream = true, stream_options = new { include_usage = true } });
        events[^1].GetProperty("choices").GetArrayLength().Should().Be(0);
        events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(4);
        events[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("length");
        events.SkipLast(1).Should().NotContain(item => item.GetRawText().Contains("usage"));
    }

    private static string Text(JsonElement body) => body.GetProperty("choices")[0].GetProperty("text").GetString()!;
}
