using System.Diagnostics;
using Transformer.Core.Attention;
using Transformer.Core.Benchmarks.Versus;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Benchmarks;

/// <summary>Attention by itself, without its linear maps, at the shapes of <c>versus</c>.</summary>
internal static class AttentionTiming
{
    private const int Prompt = 512;
    private const double LayersBytes = 200e6;

    public static void Run(int threads, int depth, int sessions)
    {
        Console.WriteLine($"read {Ceilings.ReadBandwidth(threads) / 1e9:F1} GB/s, FMA {Ceilings.FusedMultiplyAdd(threads) / 1e9:F0} GFLOP/s");
        Console.WriteLine($"{threads} threads, behind {depth} tokens; decode: GB/s of keys and values, {sessions} sessions; prefill of {Prompt}: GFLOP/s of what the mask leaves");
        Console.WriteLine($"{"shape",-8} {"cache",-6} {"decode, us",12} {"GB/s",8} {"prefill, ms",12} {"GFLOP/s",8} {"append, ms",11}");
        foreach (ModelShape shape in ModelShape.All)
            foreach (WeightFormat format in (WeightFormat[])[WeightFormat.Float32, WeightFormat.Float16, WeightFormat.BFloat16, WeightFormat.Q8_0])
                Time(shape, format, WorkerPool.OfSize(threads), depth, sessions);
    }

    private static void Time(ModelShape shape, WeightFormat format, WorkerPool workers, int depth, int sessions)
    {
        using Workspace workspace = new();
        AttentionShape attention = new(shape.Heads, shape.KvHeads, shape.HeadDim, null, null);
        double bytes = (double)sessions * depth * shape.KvWidth * 2 * format.BlockBytes / format.BlockLength;

        // Several layers in turn, so that decode reads memory and not the cache.
        int layers = 1 + (int)(LayersBytes / bytes);
        float[] keys = Numbers(Prompt * shape.KvWidth), queries = Numbers(Math.Max(Prompt, sessions) * shape.Hidden), mixed = new float[queries.Length];
        int[] positions = new int[Prompt];
        SequenceRows[] many = [.. Enumerable.Range(0, sessions).Select(i => new SequenceRows(i, 1, [.. Enumerable.Range(0, layers).Select(_ => Filled(depth))]))];
        List<double> decodes = [], prefills = [], appends = [];
        for (int turn = 0; turn < 15; turn++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int layer = 0; layer < layers; layer++)
                CausalAttention.Compute(attention, null, Rows(queries, sessions, shape.Hidden), Rows(mixed, sessions, shape.Hidden), Context(many, layer));
            decodes.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / layers);
        }
        foreach (SequenceRows sequence in many)
            for (int layer = 1; layer < layers; layer++)
                sequence.States[layer]!.Dispose();

        SequenceRows[] one = [new SequenceRows(0, Prompt, many[0].States)];
        for (int turn = 0; turn < 5; turn++)
        {
            one[0].States[0]!.Truncate(depth);
            long start = Stopwatch.GetTimestamp();
            CacheAppend.Run(Rows(keys, Prompt, shape.KvWidth), Rows(keys, Prompt, shape.KvWidth), Context(one, 0));
            appends.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            start = Stopwatch.GetTimestamp();
            CausalAttention.Compute(attention, null, Rows(queries, Prompt, shape.Hidden), Rows(mixed, Prompt, shape.Hidden), Context(one, 0));
            prefills.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        double decode = Comparison.Median(decodes), prefill = Comparison.Median(prefills);
        double operations = 4.0 * shape.Hidden * Prompt * (depth + (Prompt / 2));
        Console.WriteLine($"{shape.Name,-8} {format,-6} {decode * 1e6,12:F1} {bytes / decode / 1e9,8:F1} {prefill * 1e3,12:F2} {operations / prefill / 1e9,8:F0} {Comparison.Median(appends) * 1e3,11:F2}");
        foreach (SequenceRows sequence in many)
            sequence.States[0]!.Dispose();

        ForwardContext Context(SequenceRows[] sequences, int layer) => new()
        {
            Positions = positions,
            Sequences = sequences,
            Compute = new ComputeContext(workers, workspace),
            Layer = layer,
        };

        ISequenceState? Filled(int length)
        {
            KvCache cache = new(length + Prompt, shape.KvHeads, shape.HeadDim, format);
            for (int count; cache.Length < length; cache.Append(Rows(keys, count, shape.KvWidth), Rows(keys, count, shape.KvWidth)))
                count = Math.Min(Prompt, length - cache.Length);
            return cache;
        }
    }

    private static MatrixSpan Rows(float[] data, int rows, int columns) => new(data, rows, columns);

    private static float[] Numbers(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 2)];
    }
}
