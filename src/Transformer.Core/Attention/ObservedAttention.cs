using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Attention;

/// <summary>As <see cref="CausalAttention"/>, with every row of scores whole, for an observer that sees and may change it.</summary>
internal static unsafe class ObservedAttention
{
    private const int PageTokens = KvPageLayout.Tokens;

    /// <summary>Whether somebody wants scores or pattern.</summary>
    public static bool IsWanted(in ForwardContext context) => context.IsObserved(ActivationPoints.Scores) || context.IsObserved(ActivationPoints.Pattern);

    /// <summary>Computes the new rows; their keys and values are already in the caches.</summary>
    /// <inheritdoc cref="CausalAttention.Compute" path="/param"/>
    public static void Compute(in AttentionShape shape, IPositionalEncoder? positions, MatrixSpan queries, MatrixSpan mixed, in ForwardContext context)
    {
        for (int i = 0; i < context.Sequences.Length; i++)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            SequenceRows rows = context.Sequences[i];
            KvCache cache = (KvCache)context.State(i)!;
            int items = shape.Heads * rows.Count;
            Region region = new()
            {
                Shape = shape,
                Positions = positions,
                Cache = cache,
                Queries = queries.RowRange(rows.Start, rows.Count),
                Mixed = mixed.RowRange(rows.Start, rows.Count),
                Scores = context.Workspace.Matrix(items, cache.Length),
                Scratch = context.Workspace.Matrix(context.Workers.Threads, cache.Layout.ScratchLength + cache.Layout.ValueStride + PageTokens),
            };
            context.Workers.Run(region with { Step = Step.Score }, items);
            context.Observe(ActivationPoints.Scores, region.Scores, shape.Heads);
            context.Workers.Run(region with { Step = Step.Normalize }, items);
            context.Observe(ActivationPoints.Pattern, region.Scores, shape.Heads);
            context.Workers.Run(region with { Step = Step.Mix }, items);
        }
    }

    private enum Step
    {
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
        public MatrixSpan Scratch;
        public Step Step;

        public readonly void Execute(int start, int end, int worker)
        {
            fixed (float* scratch = Scratch[worker])
            {
                for (int item = start; item < end; item++)
                {
                    int head = item / Queries.Rows;
                    int query = item % Queries.Rows;
                    int last = Cache.Length - Queries.Rows + query;
                    int first = Math.Max(0, last - Shape.Window + 1);
                    Span<float> row = Scores[item];
                    if (Step is Step.Score)
                        Score(head, Queries[query].Slice(head * Shape.HeadDim, Shape.HeadDim), first, last, row, scratch);
                    else if (Step is Step.Normalize)
                        Softmax.Compute(row[first..(last + 1)], Shape.Sink(head));
                    else
                        Mix(head, Mixed[query].Slice(head * Shape.ValueDim, Shape.ValueDim), first, last, row, scratch);

                    // No written score lifts the mask.
                    row[..first].Fill(Step is Step.Score ? float.NegativeInfinity : 0);
                    row[(last + 1)..].Fill(Step is Step.Score ? float.NegativeInfinity : 0);
                }
            }
        }

        private readonly void Score(int head, ReadOnlySpan<float> q, int first, int last, Span<float> row, float* scratch)
        {
            float* scores = scratch + Cache.Layout.ScratchLength;
            for (int page = first / PageTokens; page <= last / PageTokens; page++)
            {
                float* keys = Cache.Layout.ReadKeys(Cache.Page(page), head / (Shape.Heads / Shape.KvHeads), scratch);
                fixed (float* query = q)
                    for (int start = 0; start < q.Length; start += FloatGemm.RowStride)
                        PanelProduct.Compute(query + start, 1, keys + ((nint)start * PageTokens), PageTokens, PageTokens, scores, PageTokens, Math.Min(FloatGemm.RowStride, q.Length - start), start == 0);
                int from = Math.Max(first, page * PageTokens), to = Math.Min(last + 1, (page + 1) * PageTokens);
                for (int key = from; key < to; key++)
                    row[key] = scores[key % PageTokens] * Shape.Scale;
            }
            Span<float> visible = row[first..(last + 1)];
            if (Shape.ScoreCap is { } cap)
                SoftCap.Compute(visible, cap);
            Positions?.BiasScores(head, last, first, visible);
        }

        private readonly void Mix(int head, Span<float> z, int first, int last, ReadOnlySpan<float> pattern, float* scratch)
        {
            int stride = Cache.Layout.ValueStride;
            float* sums = scratch + Cache.Layout.ScratchLength;
            new Span<float>(sums, stride).Clear();
            for (int page = first / PageTokens; page <= last / PageTokens; page++)
            {
                int from = Math.Max(first, page * PageTokens), to = Math.Min(last + 1, (page + 1) * PageTokens);
                float* values = Cache.Layout.ReadValues(Cache.Page(page), head / (Shape.Heads / Shape.KvHeads), to - (page * PageTokens), scratch);
                fixed (float* weights = pattern)
                    PanelProduct.Compute(weights + from, 1, values + ((nint)(from % PageTokens) * stride), stride, stride, sums, stride, to - from, first: false);
            }
            new ReadOnlySpan<float>(sums, z.Length).CopyTo(z);
        }
    }
}
