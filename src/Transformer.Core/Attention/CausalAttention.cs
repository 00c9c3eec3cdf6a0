using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Attention;

/// <summary>
/// Scores, mask, softmax and weighted sum of one sequence over its cache. A query sees the keys up to its own
/// position and, with a window, no further back than that.
/// </summary>
internal static class CausalAttention
{
    /// <summary>Computes the new rows of one sequence; their keys and values are already in the cache.</summary>
    /// <param name="shape">Heads and scale.</param>
    /// <param name="positions">Who biases the scores, or null.</param>
    /// <param name="cache">Keys and values up to the last new row.</param>
    /// <param name="queries">[n, heads x head dim].</param>
    /// <param name="mixed">[n, heads x head dim], overwritten.</param>
    /// <param name="context">Scratch memory, threads, observer.</param>
    public static void Compute(AttentionShape shape, IPositionalEncoder? positions, KvCache cache, MatrixSpan queries, MatrixSpan mixed, in ForwardContext context)
    {
        bool observed = context.IsObserved(ActivationPoints.Scores) || context.IsObserved(ActivationPoints.Pattern);
        bool biased = positions is { BiasesScores: true };
        if (!observed && !biased && queries.Rows >= TiledAttention.FewestQueries && shape.HeadDim <= TiledAttention.LargestHeadDim)
        {
            TiledAttention.Compute(shape, cache, queries, mixed, context);
            return;
        }

        using WorkspaceScope scope = context.Workspace.Scope();
        int items = shape.Heads * queries.Rows;
        Region region = new()
        {
            Shape = shape,
            Positions = positions,
            Cache = cache,
            Queries = queries,
            Mixed = mixed,

            // An observer gets every row of scores at once; otherwise a thread needs one row at a time.
            Scores = context.Workspace.Matrix(observed ? items : context.Workers.Threads, cache.Length),
            KeepsScores = observed,
        };
        int grain = Math.Max(1, 32 * 1024 / (cache.Length * shape.HeadDim));
        if (!observed)
        {
            context.Workers.Run(region with { Step = Step.All }, items, grain);
            return;
        }

        context.Workers.Run(region with { Step = Step.Score }, items, grain);
        context.Observe(ActivationPoints.Scores, region.Scores, shape.Heads);
        context.Workers.Run(region with { Step = Step.Normalize }, items, grain);
        context.Observe(ActivationPoints.Pattern, region.Scores, shape.Heads);
        context.Workers.Run(region with { Step = Step.Mix }, items, grain);
    }

    private enum Step
    {
        All,
        Score,
        Normalize,
        Mix,
    }

    /// <summary>Item i is query i % n of head i / n.</summary>
    private ref struct Region : IParallelWork
    {
        public AttentionShape Shape;
        public IPositionalEncoder? Positions;
        public KvCache Cache;
        public MatrixSpan Queries;
        public MatrixSpan Mixed;
        public MatrixSpan Scores;
        public bool KeepsScores;
        public Step Step;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                int head = item / Queries.Rows;
                int query = item % Queries.Rows;
                Span<float> row = Scores[KeepsScores ? item : worker];
                int last = Cache.Length - Queries.Rows + query;
                int first = Math.Max(0, last - Shape.Window + 1);
                Span<float> visible = row[first..(last + 1)];
                if (Step is Step.All or Step.Score)
                {
                    Score(head, query, first, last, visible);
                    if (KeepsScores)
                    {
                        row[..first].Fill(float.NegativeInfinity);
                        row[(last + 1)..].Fill(float.NegativeInfinity);
                    }
                }
                if (Step is Step.All)
                    Softmax.Compute(visible, Shape.Sink(head));
                if (Step is Step.Normalize)
                {
                    // The same span as unobserved, so that watching changes no bit and no written score lifts the mask.
                    Softmax.Compute(visible, Shape.Sink(head));
                    row[..first].Clear();
                    row[(last + 1)..].Clear();
                }
                if (Step is Step.All or Step.Mix)
                    Mix(head, query, first, visible);
            }
        }

        private readonly void Score(int head, int query, int first, int last, Span<float> scores)
        {
            int column = head / (Shape.Heads / Shape.KvHeads) * Shape.HeadDim;
            ReadOnlySpan<float> q = Queries[query].Slice(head * Shape.HeadDim, Shape.HeadDim);
            RowDots.Compute(Cache.Keys(first, scores.Length, column, Shape.HeadDim), q, Shape.Scale, scores);
            if (Shape.ScoreCap is { } cap)
                SoftCap.Compute(scores, cap);
            Positions?.BiasScores(head, last, first, scores);
        }

        private readonly void Mix(int head, int query, int first, ReadOnlySpan<float> pattern)
        {
            int column = head / (Shape.Heads / Shape.KvHeads) * Shape.HeadDim;
            Span<float> z = Mixed[query].Slice(head * Shape.HeadDim, Shape.HeadDim);
            WeightedRows.Compute(pattern, Cache.Values(first, pattern.Length, column, Shape.HeadDim), z);
        }
    }
}
