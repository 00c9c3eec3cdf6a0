using System.Diagnostics;
using System.Text.Json;

namespace Transformer.Core.Tests.Tool;

public class CompleteOptionsTests
{
    [Fact]
    public async Task A_piped_text_is_the_prompt_without_its_last_line_feed()
    {
        ToolProcess piped = await ToolProcess.RunWithInputAsync("我爱中华人民共和\n", "complete", "--json");
        ToolProcess given = await ToolProcess.RunAsync("complete", "--prompt", "我爱中华人民共和", "--json");
        piped.ExitCode.Should().Be(0);
        piped.Output.Should().Be(given.Output);
    }

    [Fact]
    public async Task Samples_share_their_prompt_and_the_first_is_that_of_one()
    {
        string[] arguments = ["complete", "--prompt", "I love", "--temp", "1", "--seed", "3", "--max-tokens", "8"];
        JsonElement one = await ToolProcess.JsonAsync(arguments), many = await ToolProcess.JsonAsync([.. arguments, "-n", "3"]);
        JsonElement[] samples = [.. many.GetProperty("samples").EnumerateArray()];
        samples.Should().HaveCount(3);
        samples[0].GetProperty("text").GetString().Should().Be(one.GetProperty("text").GetString());
        many.GetProperty("prompt_tokens").GetRawText().Should().Be(one.GetProperty("prompt_tokens").GetRawText());
    }

    [Fact]
    public async Task Logprobs_come_with_their_alternatives()
    {
        JsonElement json = await ToolProcess.JsonAsync("complete", "--prompt", "我爱中华人民共和", "--top-logprobs", "3");
        JsonElement[] tokens = [.. json.GetProperty("logprobs").EnumerateArray()];
        tokens.Should().HaveCount(json.GetProperty("tokens").GetArrayLength());
        foreach (JsonElement token in tokens)
        {
            JsonElement[] top = [.. token.GetProperty("top").EnumerateArray()];
            top.Should().HaveCount(3);
            top[0].GetProperty("token").GetInt32().Should().Be(token.GetProperty("token").GetInt32(), "greedy takes the most probable");
            top.Sum(other => Math.Exp(other.GetProperty("logprob").GetDouble())).Should().BeInRange(0, 1 + 1e-6);
        }
    }

    [Fact]
    public async Task A_banned_token_is_not_chosen()
    {
        JsonElement free = await ToolProcess.JsonAsync("complete", "--prompt", "I love", "--max-tokens", "1");
        int first = free.GetProperty("tokens")[0].GetInt32();
        JsonElement banned = await ToolProcess.JsonAsync("complete", "--prompt", "I love", "--max-tokens", "1", "--logit-bias", $"{first}-inf");
        banned.GetProperty("tokens")[0].GetInt32().Should().NotBe(first);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ctrl_C_keeps_the_text_and_ends_with_130(bool json)
    {
        if (OperatingSystem.IsWindows())
            return;
        using Process child = ToolProcess.Start(["complete", "--prompt", "I love", "--ignore-eos", "--context-shift", "--max-tokens", "100000000", .. json ? (string[])["--json"] : []]);
        child.StandardInput.Close();
        char[] beginning = new char[5];
        if (json)
            await Task.Delay(3000);
        else
            await child.StandardOutput.ReadBlockAsync(beginning);
        using (Process kill = Process.Start("kill", ["-INT", $"{child.Id}"]))
            await kill.WaitForExitAsync();
        Task<string> output = child.StandardOutput.ReadToEndAsync(), errors = child.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        await child.WaitForExitAsync(limit.Token);
        child.ExitCode.Should().Be(130);
        (await errors).Should().NotContain("   at ");
        if (json)
            (await output).Should().Contain("\"finish_reason\":\"interrupted\"");
        else
            (await output).Should().EndWith("\n");
    }
}
