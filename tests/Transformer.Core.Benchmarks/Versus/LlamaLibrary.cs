using System.Text;
using LLama.Native;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Loads llama.cpp's native library, and tells which of its variants came.</summary>
internal static class LlamaLibrary
{
    private static readonly StringBuilder Messages = new();
    private static bool _ready;

    /// <summary>Everything that the library logged.</summary>
    public static string Log
    {
        get
        {
            lock (Messages)
                return Messages.ToString();
        }
    }

    /// <summary>Loads it, once, and sends what it logs to <see cref="Log"/>. LLamaSharp picks the variant for this processor.</summary>
    public static void Load()
    {
        if (_ready)
            return;
        _ready = true;
        NativeLibraryConfig.All.WithLogCallback((_, message) =>
        {
            lock (Messages)
                Messages.Append(message);
        });
        NativeApi.llama_empty_call();
    }

    /// <summary>The variant's folder and the instructions that it was compiled for.</summary>
    public static string Describe()
    {
        string features = string.Join(' ', SystemInformation().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(feature => feature.EndsWith("= 1", StringComparison.Ordinal))
            .Select(feature => feature.Replace(" = 1", "", StringComparison.Ordinal).Replace("CPU : ", "", StringComparison.Ordinal)));
        return $"{Variant()} ({features})";
    }

    private static unsafe string SystemInformation() =>
        System.Runtime.InteropServices.Marshal.PtrToStringUTF8(NativeApi.llama_print_system_info()) ?? "";

    /// <summary>The process's own list of mapped files is the surest witness; the library's log serves where there is none.</summary>
    private static string Variant()
    {
        if (File.Exists("/proc/self/maps"))
        {
            string? line = File.ReadLines("/proc/self/maps").FirstOrDefault(entry => entry.EndsWith("libggml-cpu.so", StringComparison.Ordinal));
            if (line is not null)
                return Path.GetFileName(Path.GetDirectoryName(line[line.IndexOf('/', StringComparison.Ordinal)..]))!;
        }
        return Log.Split('\n').LastOrDefault(line => line.Contains("Successfully loaded", StringComparison.OrdinalIgnoreCase)) ?? "unknown variant";
    }
}
