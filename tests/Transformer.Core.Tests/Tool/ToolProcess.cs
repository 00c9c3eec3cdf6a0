using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Transformer.Core.Tests.Tool;

/// <summary>What one run of the built <c>transformer</c> command left.</summary>
internal sealed record ToolProcess(int ExitCode, string Output, string Errors)
{
    private static readonly string Tool = typeof(ToolProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "ToolUnderTest").Value!;

    public static Task<ToolProcess> RunAsync(params string[] arguments) => PipeAsync("", arguments);

    /// <summary>Runs a command with a text on its standard input.</summary>
    public static async Task<ToolProcess> PipeAsync(string input, params string[] arguments)
    {
        using Process child = Start(arguments);
        await child.StandardInput.WriteAsync(input);
        child.StandardInput.Close();
        Task<string> output = child.StandardOutput.ReadToEndAsync(), errors = child.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        try
        {
            await child.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"transformer {string.Join(' ', arguments)}: has not ended in a minute.");
        }
        return new ToolProcess(child.ExitCode, await output, await errors);
    }

    /// <summary>Starts a command, all of its streams redirected.</summary>
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Tool, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        })!;

    /// <summary>Runs a command with <c>--json</c>, which must succeed and print one object on one line and nothing else.</summary>
    public static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        ToolProcess run = await RunAsync([.. arguments, "--json"]);
        run.ExitCode.Should().Be(0, "standard error has {0}", run.Errors);
        run.Output.Should().EndWith("}\n");
        run.Output.Count(c => c == '\n').Should().Be(1);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        document.RootElement.ValueKind.Should().Be(JsonValueKind.Object);
        return document.RootElement.Clone();
    }
}
