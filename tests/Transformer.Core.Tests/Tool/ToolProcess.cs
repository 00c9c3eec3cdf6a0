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

    public static Task<ToolProcess> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    /// <summary>Starts a command and leaves it running; Ctrl-C reaches it whatever this process does with it.</summary>
    public static Process Start(params string[] arguments) => Start(processors: null, arguments);

    /// <summary>Runs a command as if the machine had fewer processors.</summary>
    public static Task<ToolProcess> RunOnAsync(int processors, params string[] arguments) => RunAsync("", processors, arguments);

    private static Process Start(int? processors, string[] arguments)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        ProcessStartInfo start = OperatingSystem.IsLinux() ? new("env", ["--default-signal=INT", host, Tool, .. arguments]) : new(host, [Tool, .. arguments]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardInputEncoding = new UTF8Encoding(false);
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        if (processors is not null)
            start.Environment["DOTNET_PROCESSOR_COUNT"] = $"{processors:X}";
        return Process.Start(start)!;
    }

    /// <summary>Runs a command that reads standard input.</summary>
    public static Task<ToolProcess> RunWithInputAsync(string input, params string[] arguments) => RunAsync(input, processors: null, arguments);

    private static async Task<ToolProcess> RunAsync(string input, int? processors, string[] arguments)
    {
        using Process child = Start(processors, arguments);
        try
        {
            await child.StandardInput.WriteAsync(input);
            child.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without having read
        }
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
