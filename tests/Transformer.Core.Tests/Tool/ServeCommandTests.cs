using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Transformer.Core.Tests.Golden;

namespace Transformer.Core.Tests.Tool;

public class ServeCommandTests
{
    [Fact]
    public async Task It_serves_says_where_and_ends_with_Ctrl_C()
    {
        using Process child = ToolProcess.Start("serve", "--port", "0", "--queue", "3", "--json");
        try
        {
            JsonElement told = JsonSerializer.Deserialize<JsonElement>((await child.StandardOutput.ReadLineAsync())!);
            told.Text("model").Should().Be("primer");
            string url = told.Text("url");
            url.Should().StartWith("http://127.0.0.1:");
            using HttpClient http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
            (await http.GetStringAsync("health")).Should().Be("Healthy");
            (await http.GetStringAsync("/")).Should().Contain("app.js");
            (await http.GetStringAsync("app.js")).Should().Contain("import");
            using HttpResponseMessage answer = await http.PostAsJsonAsync("v1/completions", new { model = "primer", prompt = "我爱中华人民共和" });
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("choices")[0].Text("text").Should().Be("国。");

            ToolProcess second = await ToolProcess.RunAsync("serve", "--port", $"{new Uri(url).Port}");
            second.ExitCode.Should().Be(1);
            second.Errors.Should().StartWith("transformer serve: ").And.Contain("in use");
            second.Errors.TrimEnd('\n').Should().NotContain("\n");

            if (!OperatingSystem.IsLinux())
                return;
            using (Process kill = Process.Start("kill", ["-INT", $"{child.Id}"]))
                await kill.WaitForExitAsync();
            await child.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            child.ExitCode.Should().Be(0);
            (await child.StandardError.ReadToEndAsync()).Should().BeEmpty();
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
        }
    }
}
