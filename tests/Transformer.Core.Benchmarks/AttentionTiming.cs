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

    public static void Run(int threads, int depth, int sessions)
    {
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
        KvCache[] caches = [.. Enumerable.Range(0, sessions).Select(_ => new KvCache(depth + Prompt, shape.KvHeads, shape.HeadDim, format))];
        (int Rows, int Columns) k = (Prompt, shape.KvWidth);
        float[] keys = Numbers(Prompt * shape.KvWidth), queries = Numbers(Prompt * shape.Hidden), mixed = new float[Prompt * shape.Hidden];
        int[] positions = new int[Prompt];
        foreach (KvCache cache in caches)
            while (cache.Length < depth)
                cache.Append(Rows(keys, Math.Min(Prompt, depth - cache.Length), k.Columns), Rows(keys, Math.Min(Prompt, depth - cache.Length), k.Columns));

        SequenceRows[] many = [.. caches.Select((cache, i) => new SequenceRows(i, 1, [cache]))];
        SequenceRows[] one = [new SequenceRows(0, Prompt, [caches[0]])];
        double decode = Best(many, sessions, 0.3), append = 0;
        double bytes = (double)sessions * depth * shape.KvWidth * 2 * format.BlockBytes / format.BlockLength;
        long start = Stopwatch.GetTimestamp();
        CacheAppend.Run(Rows(keys, Prompt, k.Columns), Rows(keys, Prompt, k.Columns), Context(one));
        append = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double prefill = Best(one, Prompt, 0.5);
        double operations = 4.0 * shape.Hidden * Prompt * (depth + (Prompt / 2));
        Console.WriteLine($"{shape.Name,-8} {format,-6} {decode * 1e6,12:F1} {bytes / decode / 1e9,8:F1} {prefill * 1e3,12:F2} {operations / prefill / 1e9,8:F0} {append * 1e3,11:F2}");
        foreach (KvCache cache in caches)
            cache.Dispose();

        ForwardContext Context(SequenceRows[] sequences) => new()
        {
            Positions = positions,
            Sequences = sequences,
            Compute = new ComputeContext(workers, workspace),
            Layer = 0,
        };

        double Best(SequenceRows[] sequences, int rows, double seconds)
        {
            double best = double.MaxValue;
            long begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
            {
                long from = Stopwatch.GetTimestamp();
                CausalAttention.Compute(attention, null, Rows(queries, rows, shape.Hidden), Rows(mixed, rows, shape.Hidden), Context(sequences));
                best = Math.Min(best, Stopwatch.GetElapsedTime(from).TotalSeconds);
            }
            return best;
        }
    }

    private static MatrixSpan Rows(float[] data, int rows, int columns) => new(data, rows, columns);

    private static float[] Numbers(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 4) - 2)];
    }
}
