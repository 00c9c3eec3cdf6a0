using Transformer.Core.Tests.Weights;

namespace Transformer.Core.Tests.Tool;

public class ErrorTests
{
    [Theory]
    [InlineData("complete --model /no/such/file.gguf --prompt a", "/no/such/file.gguf")]
    [InlineData("complete --no-bos --prompt=", "prompt is empty")]
    [InlineData("chat /no/such/file.gguf", "/no/such/file.gguf")]
    [InlineData("chat one.gguf --model two.gguf", "two.gguf")]
    [InlineData("serve /no/such/file.gguf --port 0", "/no/such/file.gguf")]
    [InlineData("serve {text} --port 0", "GGUF")]
    [InlineData("complete", "--prompt or text on standard input")]
    [InlineData("complete --prompt a --logit-bias 5", "--logit-bias")]
    [InlineData("complete --prompt a --mirostat 3", "Mirostat")]
    [InlineData("complete a.gguf --model b.gguf --prompt a", "b.gguf")]
    [InlineData("logits --tokens 0,999999", "999999")]
    [InlineData("logits --tokens 0,-1", "-1")]
    [InlineData("perplexity --file /no/such/text", "/no/such/text")]
    [InlineData("perplexity --context 4096 --file {text}", "4096")]
    [InlineData("tokenize --model {text} --text a", "GGUF")]
    [InlineData("complete --model {folder} --prompt a", "config.json")]
    public async Task What_cannot_be_done_is_one_line_and_exit_code_1(string arguments, string expected)
    {
        using TemporaryFolder folder = new();
        string text = folder.Write("text.txt", "no model, only text: too short for a window\n");
        string[] parts = [.. arguments.Split(' ').Select(part => part.Replace("{text}", text).Replace("{folder}", folder.Path))];
        Check(await ToolProcess.RunAsync([.. parts, "--json"]), 1, expected);
    }

    [Theory]
    [InlineData("", "--help")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("complete --prompt a --nonsense", "--nonsense")]
    [InlineData("complete --prompt a --max-tokens many", "many")]
    [InlineData("complete --prompt a --max-tokens -1", "--max-tokens")]
    [InlineData("complete --prompt a --top-p 2", "--top-p")]
    [InlineData("complete --prompt a -n 0", "-n")]
    [InlineData("complete --prompt a --temp NaN", "--temperature")]
    [InlineData("logits --tokens 1,x", "'x'")]
    [InlineData("bench --threads 0", "--threads")]
    [InlineData("serve --port 70000", "--port")]
    [InlineData("serve --queue -1", "--queue")]
    [InlineData("chat --max-tokens many", "many")]
    [InlineData("bench --kv-cache q4_0", "--kv-cache")]
    public async Task Wrong_usage_is_one_line_and_exit_code_2(string arguments, string expected) =>
        Check(await ToolProcess.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)), 2, expected);

    [Fact]
    public async Task Help_is_no_error()
    {
        ToolProcess run = await ToolProcess.RunAsync("complete", "--help");
        run.ExitCode.Should().Be(0);
        run.Output.Should().Contain("--repetition-penalty");
    }

    [Fact]
    public async Task A_prompt_may_begin_with_an_at_sign()
    {
        (await ToolProcess.RunAsync("tokenize", "--text", "@home")).ExitCode.Should().Be(0);
    }

    private static void Check(ToolProcess run, int exitCode, string expected)
    {
        run.ExitCode.Should().Be(exitCode, "standard error has {0}", run.Errors);
        run.Output.Should().BeEmpty();
        run.Errors.Should().Contain(expected).And.StartWith("transformer").And.EndWith("\n");
        run.Errors.TrimEnd('\n').Should().NotContain("\n");
    }
}
