using Transformer.Core.Numerics;

namespace Transformer.Core.Attention;

/// <summary>Adds the new keys and values of every sequence of a pass to its cache: long prompts on all threads, each a head at a time.</summary>
internal static class CacheAppend
{
    /// <summary>Adds the rows.</summary>
    /// <param name="keys">[n, kv heads x head dim].</param>
    /// <param name="values">[n, kv heads x head dim].</param>
    /// <param name="context">The sequences, whose states are <see cref="KvCache"/>s.</param>
    public static void Run(MatrixSpan keys, MatrixSpan values, in ForwardContext context)
    {
        for (int i = 0; i < context.Sequences.Length; i++)
        {
            SequenceRows rows = context.Sequences[i];
            KvCache cache = context.State(i) as KvCache
                ?? throw new InvalidOperationException($"Layer {context.Layer}: the sequence's state was not made by this attention block.");
            cache.Extend(rows.Count);
            Region region = new() { Cache = cache, Keys = keys.RowRange(rows.Start, rows.Count), Values = values.RowRange(rows.Start, rows.Count) };
            context.Workers.Run(region, cache.Layout.KvHeads, ElementwiseGrain.Rows(rows.Count * cache.Layout.HeadDim));
        }
    }

    /// <summary>Item i is kv head i.</summary>
    private ref struct Region : IParallelWork
    {
        public KvCache Cache;
        public MatrixSpan Keys;
        public MatrixSpan Values;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int head = start; head < end; head++)
                Cache.Write(head, Keys, Values);
        }
    }
}
