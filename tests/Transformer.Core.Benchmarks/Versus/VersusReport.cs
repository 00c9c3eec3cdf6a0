namespace Transformer.Core.Benchmarks.Versus;

/// <summary>What one run of <c>versus</c> found.</summary>
internal sealed record VersusReport
{
    public required string File { get; init; }

    public required VersusSettings Settings { get; init; }

    public required ModelWork Work { get; init; }

    public required string LlamaLibrary { get; init; }

    public required bool FlashAttention { get; init; }

    public required LogitCheck Logits { get; init; }

    /// <summary>Median over the pairs of the read ceiling, bytes a second.</summary>
    public required double ReadBandwidth { get; init; }

    /// <summary>The least and the most that it was: how steady the machine was.</summary>
    public required double[] ReadBandwidthRange { get; init; }

    /// <summary>Pairs measured again because other processes disturbed them.</summary>
    public required int DisturbedPairs { get; init; }

    /// <summary>Pairs that nobody disturbed; fewer than all if the machine would not become quiet in time.</summary>
    public required int QuietPairs { get; init; }

    /// <summary>Every pair that counts.</summary>
    public required IReadOnlyList<Pair> Pairs { get; init; }

    /// <summary>Single-precision multiply-adds, operations a second.</summary>
    public required double MultiplyAdds { get; init; }

    public required Comparison Prefill { get; init; }

    public required Comparison Decode { get; init; }

    /// <summary>Our bytes a second in decode, as a share of the read ceiling measured just before; median of the pairs. Above 1 where the model fits the cache.</summary>
    public required double OurShareOfBandwidth { get; init; }

    public required double LlamaShareOfBandwidth { get; init; }

    public required double PrefillBytesAllocated { get; init; }

    public required double DecodeBytesAllocated { get; init; }

    /// <summary>Each engine in a process of its own: ours, then llama.cpp.</summary>
    public required OneEngine[] Alone { get; init; }

    public double OurPrefillOperations => 2.0 * Work.LayerWeights * Prefill.Ours;

    public double LlamaPrefillOperations => 2.0 * Work.LayerWeights * Prefill.Llama;

    public static VersusReport Of(VersusSettings settings, LogitCheck logits, bool flash, Pairs pairs, double multiplyAdds, OneEngine[] alone)
    {
        ModelWork work = ModelWork.Of(settings.Path);
        return new VersusReport
        {
            File = Path.GetFileName(settings.Path),
            Settings = settings,
            Work = work,
            LlamaLibrary = Versus.LlamaLibrary.Describe(),
            FlashAttention = flash,
            Logits = logits,
            ReadBandwidth = Comparison.Median(pairs.All.Select(pair => pair.Bandwidth)),
            ReadBandwidthRange = [pairs.All.Min(pair => pair.Bandwidth), pairs.All.Max(pair => pair.Bandwidth)],
            DisturbedPairs = pairs.Disturbed,
            QuietPairs = pairs.All.Count(pair => pair.IsQuiet),
            Pairs = pairs.All,
            MultiplyAdds = multiplyAdds,
            Prefill = Comparison.Of(pairs.All.Select(pair => pair.Ours.Prefill), pairs.All.Select(pair => pair.Llama.Prefill)),
            Decode = Comparison.Of(pairs.All.Select(pair => pair.Ours.Decode), pairs.All.Select(pair => pair.Llama.Decode)),
            OurShareOfBandwidth = Share(pair => pair.Ours),
            LlamaShareOfBandwidth = Share(pair => pair.Llama),
            PrefillBytesAllocated = pairs.PrefillBytes,
            DecodeBytesAllocated = pairs.DecodeBytes,
            Alone = alone,
        };

        double Share(Func<Pair, Turn> engine) => Comparison.Median(pairs.All.Select(pair => engine(pair).Decode * work.DecodeBytes / pair.Bandwidth));
    }
}
