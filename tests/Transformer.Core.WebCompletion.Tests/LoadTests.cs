using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Transformer.Core.WebCompletion.Tests.Support;

namespace Transformer.Core.WebCompletion.Tests;

/// <summary>More requests than there are places, and clients that leave.</summary>
public class LoadTests
{
    private static readonly (string, string)[] OnePlace = [("Concurrency:MaxGenerations", "1"), ("Concurrency:QueueLimit", "0")];

    [Theory]
    [InlineData("v1/completions", """{"model":"tiny","prompt":"x","max_tokens":2000000000,"stream":true}""")]
    [InlineData("v1/chat/completions", """{"model":"tiny","messages":[{"role":"user","content":"x"}],"max_tokens":2000000000,"stream":true}""")]
    public async Task A_full_queue_is_503_until_the_client_before_leaves(string path, string endless)
    {
        using WebApp app = WebApp.With(EndlessModel.Model, options => options.Defaults = EndlessModel.Options, OnePlace);
        HttpResponseMessage first = await Start(app, path, endless);
        Stream stream = await first.Content.ReadAsStreamAsync();
        (await stream.ReadAsync(new byte[16])).Should().BeGreaterThan(0);
        app.Gate.Running.Should().Be(1);

        foreach (string other in new[] { "v1/completions", "v1/chat/completions", "v1/embeddings" })
        {
            object body = other switch
            {
                "v1/completions" => new { model = "tiny", prompt = "x" },
                "v1/embeddings" => new { model = "tiny", input = "x" },
                _ => new { model = "tiny", messages = new[] { new { role = "user", content = "x" } } },
            };
            (HttpResponseMessage refused, JsonElement error) = await app.Post(other, body);
            refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter!.Delta!.Value.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
            error.GetProperty("error").GetProperty("code").GetString().Should().Be("queue_full");
        }

        first.Dispose();
        await Freed(app);
        (HttpResponseMessage served, JsonElement _) = await app.Post("v1/completions", new { model = "tiny", prompt = "x", max_tokens = 3 });
        served.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_client_that_leaves_an_answer_without_a_stream_ends_it_too()
    {
        using WebApp app = WebApp.With(EndlessModel.Model, options => options.Defaults = EndlessModel.Options, OnePlace);
        using CancellationTokenSource leaving = new();
        Task<HttpResponseMessage> asked = app.Http.PostAsJsonAsync("v1/completions", new { model = "tiny", prompt = "x", max_tokens = 2000000000 }, leaving.Token);
        while (app.Gate.Running == 0)
            await Task.Delay(5);
        await leaving.CancelAsync();
        await asked.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        await Freed(app);
    }

    [Fact]
    public async Task Who_waits_in_the_queue_is_served()
    {
        using WebApp app = WebApp.With(EndlessModel.Model, options => options.Defaults = EndlessModel.Options, ("Concurrency:MaxGenerations", "1"), ("Concurrency:QueueLimit", "8"));
        (HttpResponseMessage Response, JsonElement)[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Post("v1/completions", new { model = "tiny", prompt = "x", max_tokens = 20 })));
        all.Should().OnlyContain(one => one.Response.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Health_is_told()
    {
        using WebApp app = new();
        (await app.Http.GetStringAsync("health")).Should().Be("Healthy");
    }

    private static Task<HttpResponseMessage> Start(WebApp app, string path, string body) =>
        app.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") }, HttpCompletionOption.ResponseHeadersRead);

    private static async Task Freed(WebApp app)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        while (app.Gate.Running > 0)
            await Task.Delay(5, limit.Token);
    }
}
