using System.CommandLine;
using System.Diagnostics;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer bench</c>: how fast a model runs and how much memory it takes.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<int> prefill = SharedOptions.Integer("--prefill", 512, 1, "Tokens of the prompt.");
        Option<int> decode = SharedOptions.Integer("--decode", 128, 1, "Tokens generated after it.");
        Option<int> runs = SharedOptions.Integer("--runs", 5, 1, "Measured runs; medians are shown.");

        Command command = new("bench", "Measure speed and memory.") { model, prefill, decode, threads, kvCache, runs, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            long start = Stopwatch.GetTimestamp();
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads), parsed.GetValue(kvCache));
            double loadSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (int promptTokens, int newTokens) = Clip(loaded, parsed.GetValue(prefill), parsed.GetValue(decode));

            Benchmark benchmark = new(loaded, promptTokens, newTokens);
            BenchmarkResult result = ProgressBar.Run("measuring", progress => benchmark.Run(parsed.GetValue(runs), progress, cancellationToken));
            using Process process = Process.GetCurrentProcess();
            Report report = new(result, loadSeconds, process.PeakWorkingSet64, promptTokens, newTokens, parsed.GetValue(threads) ?? WorkerPool.Shared.Threads, parsed.GetValue(runs));
            if (parsed.GetValue(json))
                WriteJson(report);
            else
                WriteTable(report);
        }));
        return command;
    }

    /// <summary>Shortens a run to what the model's context holds, the prompt first, and says so.</summary>
    private static (int Prefill, int Decode) Clip(TransformerModel model, int prefill, int decode)
    {
        int context = model.ContextLength;
        if ((long)prefill + decode <= context)
            return (prefill, decode);
        if (context < 2)
            throw new ArgumentException($"The model's context of {context} token holds no prompt and a token after it.");
        int fewer = Math.Min(decode, context / 2);
        int clipped = Math.Min(prefill, context - fewer);
        fewer = Math.Min(decode, context - clipped);
        Console.Error.WriteLine($"[the model's context is {context} tokens: measuring --prefill {clipped} --decode {fewer}]");
        return (clipped, fewer);
    }

    private static void WriteJson(Report report) => JsonOutput.Write(writer =>
    {
        writer.WriteFinite("prefill_tokens_per_second", report.Result.PrefillTokensPerSecond);
        writer.WriteFinite("decode_tokens_per_second", report.Result.DecodeTokensPerSecond);
        writer.WriteFinite("load_seconds", report.LoadSeconds);
        writer.WriteNumber("peak_rss_bytes", report.PeakBytes);
        writer.WriteFinite("allocated_bytes_per_token", report.Result.AllocatedBytesPerToken);
        writer.WriteNumber("prefill", report.Prefill);
        writer.WriteNumber("decode", report.Decode);
        writer.WriteNumber("threads", report.Threads);
        writer.WriteNumber("runs", report.Runs);
    });

    private static void WriteTable(Report report) => new TextTable("measure", ">value")
        .Add($"prefill of {report.Prefill} tokens", $"{Readable.Number(report.Result.PrefillTokensPerSecond)} tokens/s")
        .Add($"decode of {report.Decode} tokens", $"{Readable.Number(report.Result.DecodeTokensPerSecond)} tokens/s")
        .Add("load", $"{Readable.Number(report.LoadSeconds, "F3")} s")
        .Add("peak memory (RSS)", Readable.Bytes(report.PeakBytes))
        .Add("allocated for a decoded token", $"{Readable.Number(report.Result.AllocatedBytesPerToken)} B")
        .Add("threads", $"{report.Threads}")
        .Add("runs, of which the median", $"{report.Runs}")
        .Write();

    private sealed record Report(BenchmarkResult Result, double LoadSeconds, long PeakBytes, int Prefill, int Decode, int Threads, int Runs);
}
