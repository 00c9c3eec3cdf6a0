using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>One engine in a process of its own: how soon it gives the first token, and how much memory it takes at most.</summary>
/// <param name="Engine"><c>ours</c> or <c>llama</c>.</param>
/// <param name="FirstTokenSeconds">From opening the file to the logits after a prompt of 16 tokens, with the runtime's compilation.</param>
/// <param name="PeakBytes">Peak resident memory of the process after prefill and decode, pages of the mapped file included.</param>
internal sealed record OneEngine(string Engine, double FirstTokenSeconds, long PeakBytes)
{
    private const int FirstPrompt = 16;

    /// <summary>Measures in this process, which must have done nothing else.</summary>
    public static OneEngine Measure(string engine, VersusSettings settings)
    {
        Prompt prompt = Prompt.Draw(settings.Prefill, settings.Fill, settings.Decode, settings.Vocabulary);
        long start = Stopwatch.GetTimestamp();
        using IEngine loaded = engine == "ours"
            ? new OurEngine(settings)
            : new LlamaEngine(settings, settings.Flash == "on");
        loaded.Forward(prompt.Prefill.AsSpan(0, Math.Min(FirstPrompt, prompt.Prefill.Length)));
        double first = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Turn.Run(loaded, prompt);
        return new OneEngine(engine, first, PeakMemory());
    }

    /// <summary>Starts this program again for one engine; a process's peak never falls, so each needs its own.</summary>
    public static OneEngine Spawn(string engine, VersusSettings settings, bool flash)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(OneEngine).Assembly.Location);
        string[] arguments =
        [
            "versus", "--only", engine, "--json", "--file", settings.Path, "--flash", flash ? "on" : "off",
            "--threads", Text(settings.Threads), "--prefill", Text(settings.Prefill), "--decode", Text(settings.Decode), "--depth", Text(settings.Depth), "--kv", settings.KvCache,

            // Or the process would have to open the file with our reader, and compile that, before the clock starts.
            "--vocabulary", Text(settings.Vocabulary), "--capacity", Text(settings.Capacity),
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<OneEngine>(output)!
            : throw new InvalidOperationException($"The process of '{engine}' ended with {process.ExitCode}.");

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>VmHWM: what the kernel saw at most.</summary>
    private static long PeakMemory()
    {
        const string status = "/proc/self/status", key = "VmHWM:";
        if (File.Exists(status) && File.ReadLines(status).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line)
            return long.Parse(line[key.Length..^2].Trim(), CultureInfo.InvariantCulture) * 1024;
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
