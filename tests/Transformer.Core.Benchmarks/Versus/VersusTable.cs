namespace Transformer.Core.Benchmarks.Versus;

/// <summary>A report for people.</summary>
internal static class VersusTable
{
    public static void Write(VersusReport report)
    {
        VersusSettings settings = report.Settings;
        Console.WriteLine($"{report.File}: {report.Work.FileBytes / 1e6:F0} MB, {report.Work.LayerWeights / 1e6:F0} million weights in the layers; {settings.Threads} threads, {settings.Pairs} pairs");
        Console.WriteLine($"llama.cpp: {report.LlamaLibrary}, flash attention {(report.FlashAttention ? "on" : "off")}; key-value caches {(settings.KvCache == "default" ? "f32 (ours), f16" : settings.KvCache)}");
        Console.WriteLine($"read {report.ReadBandwidth / 1e9:F1} GB/s ({report.ReadBandwidthRange[0] / 1e9:F1} to {report.ReadBandwidthRange[1] / 1e9:F1}), FMA {report.MultiplyAdds / 1e9:F0} GFLOP/s; logits within {Math.Max(report.Logits.Prompt, report.Logits.Next):G2} of the largest");
        Console.WriteLine(report.QuietPairs == settings.Pairs
            ? $"no pair was disturbed by other processes ({report.DisturbedPairs} measured again)"
            : $"CAUTION: other processes disturbed {settings.Pairs - report.QuietPairs} of {settings.Pairs} pairs; the figures count for nothing");
        Console.WriteLine();
        Console.WriteLine($"{"",-28} {"ours",11} {"llama.cpp",11} {"ratio",7} {"paired",7}");
        Rates($"prefill {settings.Prefill}, tokens/s", report.Prefill);
        Line("  GFLOP/s", $"{report.OurPrefillOperations / 1e9:F0}", $"{report.LlamaPrefillOperations / 1e9:F0}");
        Line("  share of the FMA peak", $"{report.OurPrefillOperations / report.MultiplyAdds:P0}", $"{report.LlamaPrefillOperations / report.MultiplyAdds:P0}");
        Rates($"decode {settings.Decode} at {settings.Depth}, tokens/s", report.Decode);
        Line("  GB/s", $"{report.Decode.Ours * report.Work.DecodeBytes / 1e9:F1}", $"{report.Decode.Llama * report.Work.DecodeBytes / 1e9:F1}");
        Line("  share of the bandwidth", $"{report.OurShareOfBandwidth:P0}", $"{report.LlamaShareOfBandwidth:P0}");
        Line("allocated, B/token prefill", $"{report.PrefillBytesAllocated:F1}", "");
        Line("allocated, B/token decode", $"{report.DecodeBytesAllocated:F1}", "");
        OneEngine ours = report.Alone[0], llama = report.Alone[1];
        Line("load to first token, s", $"{ours.FirstTokenSeconds:F3}", $"{llama.FirstTokenSeconds:F3}", ours.FirstTokenSeconds / llama.FirstTokenSeconds);
        Line("peak resident, MB", $"{ours.PeakBytes / 1e6:F0}", $"{llama.PeakBytes / 1e6:F0}", ours.PeakBytes / (double)llama.PeakBytes);
    }

    private static void Rates(string what, Comparison rates) =>
        Console.WriteLine($"{what,-28} {rates.Ours,11:F1} {rates.Llama,11:F1} {rates.Ratio,7:F2} {rates.PairedRatio,7:F2}");

    private static void Line(string what, string ours, string llama, double? ratio = null) =>
        Console.WriteLine($"{what,-28} {ours,11} {llama,11} {ratio,7:F2}".TrimEnd());
}
