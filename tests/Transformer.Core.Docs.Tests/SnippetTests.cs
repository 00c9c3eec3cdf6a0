using System.Diagnostics;
using System.Net.Http;
using Transformer.Core.Snippets;

namespace Transformer.Core.Docs.Tests;

/// <summary>All code of all pages is compiled code; what can run on the primer runs.</summary>
public class SnippetTests
{
    /// <summary>Pages whose code is in a source that shows more than a snippet; that source is compiled and tested by its own project.</summary>
    private static readonly Dictionary<string, string[]> Elsewhere = new()
    {
        ["docs/add-an-architecture.md"] = ["src/Transformer.Core/Architectures/Olmo2Architecture.cs", "tests/Transformer.Core.Parity/Families"],
        ["docs/chat.md"] = ["tests/Transformer.Core.Extensions.AI.Tests/Docs"],
        ["docs/dependency-injection.md"] = ["tests/Transformer.Core.Extensions.Hosting.Tests"],
        ["docs/generation.md"] = ["tests/Transformer.Core.Tests/Generation"],
        ["docs/hosting.md"] = ["tests/Transformer.Core.Extensions.Hosting.Tests", "tests/packages/web"],
        ["docs/write-a-component.md"] = ["samples/SwapAComponent"],
        ["src/Transformer.Core.Extensions.Hosting/README.md"] = ["tests/packages/web"],
    };

    public static TheoryData<string> Names => [.. Snippet.All.Keys];

    [Fact]
    public void Every_block_of_every_page_is_compiled()
    {
        (string Source, string[] Regions)[] snippets = [.. Pages.Files("samples/Snippets", "*.cs").Select(file => (Pages.Text(file), (string[])[.. Pages.Regions(file)]))];
        snippets.SelectMany(file => file.Regions).Should().HaveCountGreaterThan(30).And.OnlyHaveUniqueItems();
        List<string> missing = [];
        int blocks = 0;
        foreach (string page in Pages.All)
        {
            string[] sources = Elsewhere.TryGetValue(page, out string[]? places) ? [.. places.SelectMany(Sources).Select(file => Pages.Plain(Pages.Text(file)))] : [];
            foreach ((string[] usings, string code) in Pages.Blocks(page))
            {
                blocks++;
                bool isRegion = snippets.Any(file => file.Regions.Contains(code) && usings.All(line => file.Source.Contains(line, StringComparison.Ordinal) || line.EndsWith("DependencyInjection;", StringComparison.Ordinal)));
                if (!isRegion && !sources.Any(source => source.Contains(code, StringComparison.Ordinal)))
                    missing.Add($"{page}:\n{code}");
            }
        }
        missing.Should().BeEmpty();
        blocks.Should().BeGreaterThan(60);
    }

    [Fact]
    public void Every_region_is_on_a_page()
    {
        string[] shown = [.. Pages.All.SelectMany(Pages.Blocks).Select(block => block.Code)];
        foreach (string file in Pages.Files("samples/Snippets", "*.cs"))
            foreach (string region in Pages.Regions(file))
                shown.Should().Contain(region, "{0} has this region", file);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_runs_on_the_primer(string name)
    {
        Environment.CurrentDirectory = AppContext.BaseDirectory;
        await Snippet.All[name]();
    }

    [Fact]
    public async Task The_web_endpoint_streams()
    {
        using Process server = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Snippets.dll"), "web", "--urls", "http://127.0.0.1:0"])
        { RedirectStandardOutput = true })!;
        try
        {
            const string Listening = "Now listening on: ";
            string? line;
            do
                line = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
            while (line is not null && !line.Contains(Listening, StringComparison.Ordinal));
            string url = line![(line!.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..];
            using HttpClient client = new(new HttpClientHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(1) };
            string events = await client.GetStringAsync($"{url}/complete?prompt={Uri.EscapeDataString("我爱中华人民共和")}");
            events.Should().StartWith("data: 国");
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static IEnumerable<string> Sources(string place) => place.EndsWith(".cs", StringComparison.Ordinal) ? [place] : Pages.Files(place, "*.cs");
}
