using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary><c>versus</c>: this library against llama.cpp on the same file, in turn, in one run.</summary>
internal static class VersusCommand
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static Command Create()
    {
        Option<string> model = new("--model") { DefaultValueFactory = _ => "qwen", Description = "Shape of a model with random weights." };
        model.AcceptOnlyFromAmong([.. ModelShape.All.Select(shape => shape.Name)]);
        Option<string> format = new("--format") { DefaultValueFactory = _ => "q8_0", Description = "How its matrices are stored: one format, or a mixture such as q4_k_m." };
        format.AcceptOnlyFromAmong([.. Storage.Names]);
        Option<string?> file = new("--file") { Description = "A GGUF file, instead of one with random weights." };
        Option<string> folder = new("--models") { DefaultValueFactory = _ => DefaultFolder(), Description = "Where files with random weights lie." };
        Option<int> threads = Count("--threads", 2, "Threads of either engine.");
        Option<int> prefill = Count("--prefill", 512, "Tokens of the prompt.");
        Option<int> decode = Count("--decode", 128, "Tokens decoded behind it.");
        Option<int> depth = new("--depth") { DefaultValueFactory = _ => 0, Description = "Tokens before the first decoded one; what the prompt lacks is filled up untimed. Default: the prompt's." };
        Option<string> kv = new("--kv") { DefaultValueFactory = _ => "default", Description = "Key-value cache of both engines; default: each one's own (ours F32, llama.cpp's F16)." };
        kv.AcceptOnlyFromAmong("default", "f16", "f32");
        Option<int> pairs = Count("--pairs", 9, "Turns of each engine.");
        Option<string> flash = new("--flash") { DefaultValueFactory = _ => "auto", Description = "Flash attention in llama.cpp; auto: whichever is faster in one turn of each." };
        flash.AcceptOnlyFromAmong("on", "off", "auto");
        Option<int> patience = Count("--patience", 300, "Seconds to wait, in all, for other processes to leave the processors alone; disturbed pairs are measured again.");
        Option<string?> only = new("--only") { Description = "Load one engine alone: time to the first token, and peak memory." };
        only.AcceptOnlyFromAmong("ours", "llama");
        Option<int?> vocabulary = new("--vocabulary") { Hidden = true };
        Option<int?> capacity = new("--capacity") { Hidden = true };
        Option<bool> json = new("--json") { Description = "One line of JSON." };

        Command command = new("versus", "Against llama.cpp on the same file, in turn.") { model, format, file, folder, threads, prefill, depth, decode, pairs, kv, flash, patience, only, vocabulary, capacity, json };
        command.SetAction(result =>
        {
            string path = result.GetValue(file) ?? RandomModelFile.Ensure(
                result.GetValue(folder)!,
                ModelShape.All.First(shape => shape.Name == result.GetValue(model)).For(Math.Max(result.GetValue(prefill), result.GetValue(depth)) + result.GetValue(decode)),
                result.GetValue(format)!);
            VersusSettings settings = result.GetValue(vocabulary) is { } ids && result.GetValue(capacity) is { } tokens
                ? new VersusSettings(path, ids, result.GetValue(threads), result.GetValue(prefill), result.GetValue(depth), result.GetValue(decode), result.GetValue(pairs), result.GetValue(kv)!, result.GetValue(flash)!) { Capacity = tokens }
                : VersusSettings.Of(path, result.GetValue(threads), result.GetValue(prefill), result.GetValue(depth), result.GetValue(decode), result.GetValue(pairs), result.GetValue(kv)!, result.GetValue(flash)!, result.GetValue(patience));
            return result.GetValue(only) is { } engine ? Alone(engine, settings, result.GetValue(json)) : Both(settings, result.GetValue(json));
        });
        return command;
    }

    private static int Alone(string engine, VersusSettings settings, bool json)
    {
        OneEngine measured = OneEngine.Measure(engine, settings);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(measured, Json)
            : $"{engine}: first token after {measured.FirstTokenSeconds:F3} s, peak resident {measured.PeakBytes / 1e6:F0} MB");
        return 0;
    }

    private static int Both(VersusSettings settings, bool json)
    {
        VersusRun run = VersusRun.Of(settings);
        if (run.Report is null)
        {
            Console.Error.WriteLine($"The logits differ by {run.Check.Prompt:G3} and {run.Check.Next:G3} of the largest, {run.Check.Largest:G3} (limit {LogitCheck.Limit}): the engines do not do the same work.");
            return 1;
        }
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(run.Report, Json));
        else
            VersusTable.Write(run.Report);
        return 0;
    }

    private static Option<int> Count(string name, int value, string description)
    {
        Option<int> option = new(name) { DefaultValueFactory = _ => value, Description = description };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError($"{name}: at least 1.");
        });
        return option;
    }

    /// <summary>Beside the project's sources, wherever the program was built; git ignores it.</summary>
    private static string DefaultFolder([CallerFilePath] string source = "") =>
        Path.GetDirectoryName(Path.GetDirectoryName(source)) is { } project && Directory.Exists(project)
            ? Path.Combine(project, "models")
            : Path.GetFullPath("models");
}
