using System.Text.Json;

namespace Transformer.Core.Tests.Tool;

public class BenchCommandTests
{
    [Fact]
    public async Task Medians_are_given()
    {
        JsonElement json = await ToolProcess.JsonAsync("bench", "--prefill", "32", "--decode", "16", "--threads", "2", "--runs", "2");
        foreach (string name in (string[])["prefill_tokens_per_second", "decode_tokens_per_second", "load_seconds", "peak_rss_bytes"])
            json.GetProperty(name).GetDouble().Should().BePositive(name);
        json.GetProperty("allocated_bytes_per_token").GetDouble().Should().BeInRange(0, 1024);
    }

    [Fact]
    public async Task What_does_not_fit_the_context_is_shortened_and_told()
    {
        ToolProcess run = await ToolProcess.RunAsync("bench", "--prefill", "512", "--decode", "64", "--runs", "1", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("prefill").GetInt32().Should().Be(192);
        json.RootElement.GetProperty("decode").GetInt32().Should().Be(64);
        run.Errors.Should().Contain("256 tokens");
    }
}
