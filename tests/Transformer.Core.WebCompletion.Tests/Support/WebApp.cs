using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using Transformer.Core.Extensions.AspNetCore;
using Transformer.Core.Extensions.Hosting;

namespace Transformer.Core.WebCompletion.Tests.Support;

/// <summary>The sample itself, served by Kestrel on a free port of the loopback address.</summary>
public class WebApp : WebApplicationFactory<Program>
{
    private readonly Action<IServiceCollection>? _change;
    private readonly Dictionary<string, string> _settings;

    /// <summary>With the primer, as it is.</summary>
    public WebApp()
        : this(null)
    {
    }

    private WebApp(Action<IServiceCollection>? change, params (string Key, string Value)[] settings)
    {
        _change = change;
        _settings = settings.ToDictionary(setting => setting.Key, setting => setting.Value);

        // With a port, the factory would set the server's addresses while the sample's own thread may be starting it.
        UseKestrel(options => options.Listen(IPAddress.Loopback, 0));
        StartServer();
        Http = CreateClient();
        Http.Timeout = TimeSpan.FromSeconds(30);
    }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public GenerationGate Gate => Services.GetRequiredService<GenerationGate>();

    /// <summary>What the official client needs to know of the server: nothing but its address.</summary>
    public OpenAIClient Official => new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(Address, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });

    /// <summary>With another model.</summary>
    public static WebApp With(TransformerModel model, Action<OpenAIOptions> configure, params (string Key, string Value)[] settings) =>
        new(
            services =>
            {
                services.AddSingleton(model);
                services.PostConfigure<OpenAIOptions>(configure);
            },
            settings);

    /// <summary>Posts JSON and reads the answer, whatever its status.</summary>
    public async Task<(HttpResponseMessage Response, JsonElement Body)> Post(string path, object body)
    {
        using HttpContent content = body is string text ? new StringContent(text, System.Text.Encoding.UTF8, "application/json") : JsonContent.Create(body);
        HttpResponseMessage response = await Http.PostAsync(path, content);
        return (response, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    /// <summary>The events of a streamed answer; the last must be <c>[DONE]</c>, which is left out.</summary>
    public async Task<List<JsonElement>> Events(string path, object body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        using HttpResponseMessage response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.Content.Headers.ContentType!.MediaType.Should().Be("text/event-stream");
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        events.Should().OnlyContain(line => line.StartsWith("data: "));
        events[^1].Should().Be("data: [DONE]");
        return [.. events[..^1].Select(line => JsonSerializer.Deserialize<JsonElement>(line["data: ".Length..]))];
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach ((string key, string value) in _settings)
            builder.UseSetting(key, value);
        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        if (_change is not null)
            builder.ConfigureTestServices(_change);
    }
}
