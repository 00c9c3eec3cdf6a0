using System.Diagnostics;
using System.Text.Json;
using Transformer.Core.Tests.Golden;

namespace Transformer.Core.Tests.Tool;

public class ChatCommandTests
{
    [Fact]
    public async Task Each_line_of_a_pipe_is_answered_and_the_second_turn_computes_only_what_is_new()
    {
        ToolProcess run = await ToolProcess.RunWithInputAsync("I love\n\nI love\n", "chat", "--json", "--max-tokens", "8");
        run.ExitCode.Should().Be(0, run.Errors);
        JsonElement[] turns = [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        turns.Should().HaveCount(2, "an empty line is no message");
        turns[0].EnumerateObject().Select(property => property.Name).Should().Equal("user", "text", "prompt_tokens", "cached_tokens", "tokens", "finish_reason");

        // the first turn is the completion of the same text
        JsonElement completion = await ToolProcess.JsonAsync("complete", "--prompt", "User: I love\nAssistant:", "--max-tokens", "8");
        turns[0].Text("text").Should().Be(completion.Text("text").TrimStart());
        turns[0].GetProperty("cached_tokens").GetInt32().Should().Be(0);

        // and the second that of the whole conversation, of which the first turn is known
        JsonElement second = await ToolProcess.JsonAsync("complete", "--prompt", $"User: I love\nAssistant: {turns[0].Text("text")}\nUser: I love\nAssistant:", "--max-tokens", "8");
        turns[1].Text("text").Should().Be(second.Text("text").TrimStart());
        turns[1].GetProperty("prompt_tokens").GetInt32().Should().Be(second.Ints("prompt_tokens").Length);
        turns[1].GetProperty("cached_tokens").GetInt32().Should().BeGreaterThanOrEqualTo(turns[0].GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task A_system_prompt_comes_first_and_a_reset_forgets_the_rest()
    {
        ToolProcess run = await ToolProcess.RunWithInputAsync("I love\n/reset\nI love\n/exit\nI love\n", "chat", "--json", "--system", "My mother is here.", "--max-tokens", "4");
        string[] turns = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        turns.Should().HaveCount(2);
        (JsonElement first, JsonElement second) = (JsonSerializer.Deserialize<JsonElement>(turns[0]), JsonSerializer.Deserialize<JsonElement>(turns[1]));
        second.Text("text").Should().Be(first.Text("text"));
        JsonElement completion = await ToolProcess.JsonAsync("complete", "--prompt", "System: My mother is here.\nUser: I love\nAssistant:", "--max-tokens", "4");
        first.Text("text").Should().Be(completion.Text("text").TrimStart());
        first.GetProperty("prompt_tokens").GetInt32().Should().Be(second.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Text_goes_to_standard_output_and_all_else_to_standard_error()
    {
        ToolProcess run = await ToolProcess.RunWithInputAsync("I love\n", "chat");
        run.Output.Should().Be("spring, and winter.\n");
        run.Errors.Should().Contain("no chat template").And.Contain("of them known");
    }

    [Fact]
    public async Task A_conversation_that_does_not_fit_is_one_line_and_exit_code_1()
    {
        ToolProcess run = await ToolProcess.RunWithInputAsync(string.Join(' ', Enumerable.Repeat("mother", 400)) + "\n", "chat", "--json");
        run.ExitCode.Should().Be(1);
        run.Output.Should().BeEmpty();
        run.Errors.Should().Contain("The context holds 256 tokens");
    }

    [Fact]
    public async Task Ctrl_C_ends_it_without_a_trace()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using Process child = ToolProcess.Start("chat");
        await child.StandardInput.WriteLineAsync("I love");
        await child.StandardInput.FlushAsync();
        (await child.StandardOutput.ReadLineAsync()).Should().Be("spring, and winter.");
        // during an answer the first ends the answer, the next the program
        for (int i = 0; i < 100 && !child.HasExited; i++)
        {
            using (Process kill = Process.Start("kill", ["-INT", $"{child.Id}"]))
                await kill.WaitForExitAsync();
            await Task.WhenAny(child.WaitForExitAsync(), Task.Delay(200));
        }
        child.HasExited.Should().BeTrue();
        child.ExitCode.Should().Be(130);
        (await child.StandardError.ReadToEndAsync()).Should().NotContain("Exception").And.NotContain(" at ");
    }
}
