using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.Hosting.Tests;

/// <summary>Pages show code that is compiled: here, or by .ci/packages.</summary>
public partial class PagesTests
{
    [Theory]
    [InlineData("docs/hosting.md", 3)]
    [InlineData("docs/dependency-injection.md", 1)]
    [InlineData("src/Transformer.Core.Extensions.Hosting/README.md", 1)]
    public void Every_snippet_is_compiled_somewhere(string page, int count)
    {
        string[] sources = [.. new[] { "tests/packages/web/Program.cs", "tests/Transformer.Core.Extensions.Hosting.Tests/PagesTests.cs" }.Select(Lines)];
        string[] snippets = [.. Snippet().Matches(Lines(page)).Select(match => match.Groups[1].Value)];
        snippets.Should().HaveCount(count);
        foreach (string snippet in snippets)
        {
            // Usings stand at the top of a file.
            string[] parts = snippet.Split("\n\n", 2);
            string code = parts.Length == 2 && parts[0].StartsWith("using ", StringComparison.Ordinal) ? parts[1] : snippet;
            sources.Should().Contain(source => source.Contains(code), "{0} shows\n{1}", page, code);
        }
    }

    [Fact]
    public async Task Loading_without_a_host()
    {
        string path = Primer.Path;
        CancellationToken cancellationToken = default;
        Progress<ModelLoadProgress> progress = new(p => Console.WriteLine($"{p.Stage}: {p.Share:P0}"));
        await ModelLoader.ReadAheadAsync(path, progress, cancellationToken);
        TransformerModel model = await ModelLoader.LoadAsync(path, progress, cancellationToken);
        model.Layers.Should().NotBeEmpty();
    }

    [Fact]
    public void Telemetry()
    {
        List<System.Diagnostics.Activity> spans = [];
        List<Metric> metrics = [];
        using TracerProvider traces = Sdk.CreateTracerProviderBuilder().AddSource(TransformerTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter(TransformerTelemetry.MeterName).AddInMemoryExporter(metrics).Build();
        ModelLoader.Open(Primer.Path).Build().Complete("a", new GenerationOptions { MaxTokens = 2 });
        meters.ForceFlush();
        spans.Should().NotBeEmpty();
        metrics.Should().NotBeEmpty();
    }

    [Fact]
    public void Dependency_injection()
    {
        string folder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Repository.Path();
        try
        {
            ServiceCollection services = new();
            services.AddTransformer("samples/primer/primer.gguf");
            using ServiceProvider provider = services.BuildServiceProvider();
            Console.WriteLine(provider.GetRequiredService<TextGenerator>().Complete("我爱中华人民共和").Text);
        }
        finally
        {
            Environment.CurrentDirectory = folder;
        }
    }

    /// <summary>A file without its indentation.</summary>
    private static string Lines(string file) =>
        string.Join('\n', File.ReadAllText(Repository.Path(file.Split('/'))).ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
