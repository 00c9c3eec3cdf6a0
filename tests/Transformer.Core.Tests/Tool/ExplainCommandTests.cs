using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Transformer.Core.Experiments;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Tool;

/// <summary><c>explain</c> writes a page that needs nothing else and shows what the library computes.</summary>
public sealed partial class ExplainCommandTests : IDisposable
{
    private readonly string _page = Path.Combine(Path.GetTempPath(), $"explain-{Guid.NewGuid():n}.html");

    [Fact]
    public async Task The_page_has_the_numbers_of_the_library()
    {
        JsonElement data = await DataAsync("我爱中华人民共和");
        TransformerModel model = TransformerBuilder.FromGguf(Primer.File).Build();
        int[] ids = [.. data.GetProperty("tokens").EnumerateArray().Select(token => token.GetProperty("id").GetInt32())];
        ids.Should().Equal(model.Tokenizer!.Encode("我爱中华人民共和", model.Tokenizer.AddsBos));

        AttentionMaps maps = AttentionMaps.Of(model, ids);
        JsonElement[] layers = [.. data.GetProperty("patterns").EnumerateArray()];
        layers.Should().HaveCount(model.Layers.Count);
        byte[] pattern = layers[2][1].GetBytesFromBase64();
        for (int row = 0; row < ids.Length; row++)
            for (int key = 0; key < ids.Length; key++)
                (pattern[(row * ids.Length) + key] / 255.0).Should().BeApproximately(maps.Pattern(2, 1)[row][key], 0.5 / 255 + 1e-6);

        IReadOnlyList<TokenProbability> top = LogitLens.Of(model, ids).Rows[^1].Entries[^1].Top;
        JsonElement[] answers = [.. data.GetProperty("lens").EnumerateArray().Last().EnumerateArray().Last().EnumerateArray()];
        answers[0][0].GetString().Should().Be("国");
        answers[0][1].GetDouble().Should().BeApproximately(top[0].Probability, 1e-5);
        data.GetProperty("norms").GetArrayLength().Should().Be(1 + model.Layers.Count);
        data.GetProperty("model").GetProperty("parameters").GetInt64().Should().Be(model.Description.ParameterCount);
    }

    [Fact]
    public async Task It_needs_no_network_and_no_prompt_breaks_it()
    {
        const string prompt = "</script><img src=x onerror=alert(1)> {{DATA}}";
        JsonElement data = await DataAsync(prompt);
        data.GetProperty("prompt").GetString().Should().Be(prompt);
        string page = await File.ReadAllTextAsync(_page);
        Regex.Matches(page, "</script>").Should().HaveCount(2);
        page.Should().NotContain("<img");
        string own = Data().Replace(page, "");
        foreach (string loads in (string[])["http", "src=", "href=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest"])
            own.Should().NotContain(loads);
    }

    [BrowserFact]
    public async Task A_browser_draws_it()
    {
        await DataAsync("My mother is");
        ProcessStartInfo start = new(BrowserFactAttribute.Browser!, ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", new Uri(_page).AbsoluteUri])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process browser = Process.Start(start)!;
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        string drawn = await browser.StandardOutput.ReadToEndAsync();
        await errors;
        drawn.Should().Contain("aria-label=\"Head 3\"").And.Contain("<polyline").And.Contain("embed_tokens").And.Contain("class=\"bar\"");
        Regex.Matches(drawn, "layer \\d</th>").Should().HaveCount(6, "the lens has a row for each layer");
    }

    [Fact]
    public async Task A_file_that_is_there_and_a_prompt_that_is_too_long_are_refused()
    {
        await File.WriteAllTextAsync(_page, "mine");
        ToolProcess run = await ToolProcess.RunAsync("explain", "--prompt", "a", "--out", _page);
        run.ExitCode.Should().Be(1);
        run.Errors.Should().Contain("--force overwrites it");
        run = await ToolProcess.RunAsync("explain", "--force", "--prompt", string.Join(' ', Enumerable.Repeat("mother", 100)), "--out", _page);
        run.ExitCode.Should().Be(1);
        run.Errors.Should().Contain("at most 64 tokens");
        (await File.ReadAllTextAsync(_page)).Should().Be("mine");
    }

    public void Dispose() => File.Delete(_page);

    private async Task<JsonElement> DataAsync(string prompt)
    {
        JsonElement written = await ToolProcess.JsonAsync("explain", "--prompt", prompt, "--out", _page);
        written.GetProperty("file").GetString().Should().Be(_page);
        using JsonDocument document = JsonDocument.Parse(Data().Match(await File.ReadAllTextAsync(_page)).Groups[1].Value);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();

    /// <summary>A fact for which a Chromium must be on the path; skipped, with the reason, where there is none.</summary>
    private sealed class BrowserFactAttribute : FactAttribute
    {
        public BrowserFactAttribute() => Skip = Browser is null ? "no chromium on the path" : null;

        public static string? Browser { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "google-chrome")]).FirstOrDefault(File.Exists);
    }
}
