using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;
using Transformer.Core.Tests.Weights;

namespace Transformer.Core.Tests.Tool;

public class QuantizeCommandTests
{
    [Fact]
    public async Task Primer_becomes_smaller_and_still_completes()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("primer-q8_0.gguf");
        JsonElement json = await ToolProcess.JsonAsync("quantize", Primer.File, file, "q8_0");
        json.EnumerateObject().Select(property => property.Name).Should().Equal(
            "type", "parameters", "bytes_before", "bytes_after", "bits_per_weight_before", "bits_per_weight", "tensors");
        json.Text("type").Should().Be("Q8_0");
        json.GetProperty("bytes_before").GetInt64().Should().Be(new FileInfo(Primer.File).Length);
        json.GetProperty("bytes_after").GetInt64().Should().Be(new FileInfo(file).Length).And.BeLessThan(new FileInfo(Primer.File).Length * 6 / 10);
        json.GetProperty("bits_per_weight").GetDouble().Should().BeInRange(8.5, 8.7);
        json.GetProperty("tensors").GetProperty("Q8_0").GetInt32().Should().BePositive();
        (await ToolProcess.RunAsync("complete", "--model", file, "--prompt", "Once upon", "--max-tokens", "4")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_file_is_overwritten_only_by_force()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("there.gguf", "old");
        ToolProcess refused = await ToolProcess.RunAsync("quantize", Primer.File, file, "q4_0");
        refused.ExitCode.Should().Be(1);
        refused.Errors.Should().Contain("--force");
        File.ReadAllText(file).Should().Be("old");
        ToolProcess forced = await ToolProcess.RunAsync("quantize", Primer.File, file, "Q4_0", "--force");
        forced.ExitCode.Should().Be(0);
        forced.Output.Should().Contain("Q4_0\t").And.Contain("bits a weight");
        new FileInfo(file).Length.Should().BeGreaterThan(1000);
    }

    [Theory]
    [InlineData("q9_9", 2, "Q4_K_M")]
    [InlineData("q4_0", 1, "cannot take the place")]
    public async Task Mistakes_are_one_line(string type, int exitCode, string expected)
    {
        using TemporaryFolder folder = new();
        string source = folder.File("m.gguf");
        File.Copy(Primer.File, source);
        ToolProcess run = await ToolProcess.RunAsync("quantize", source, exitCode == 1 ? source : folder.File("out.gguf"), type, "--force");
        run.ExitCode.Should().Be(exitCode);
        run.Errors.Should().Contain(expected);
        run.Errors.TrimEnd('\n').Should().NotContain("\n");
        Directory.GetFiles(folder.Path).Should().Equal(source);
    }
}
