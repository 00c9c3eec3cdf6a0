using System.Runtime.CompilerServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Attention;

/// <summary>The parallel part of <see cref="CausalAttention"/>: the items of all sequences, one after the other.</summary>
internal unsafe ref struct AttentionRegion : IParallelWork
{
    private const int PageTokens = KvPageLayout.Tokens;
    private const int RowStride = FloatGemm.RowStride;

    /// <summary>Products between two looks ahead; divides a page's tokens and <see cref="RowStride"/>.</summary>
    private const int FetchStep = 16;

    public required AttentionShape Shape;
    public required IPositionalEncoder? Positions;
    public required MatrixSpan Queries;
    public required MatrixSpan Mixed;
    public required ForwardContext Context;
    public required ReadOnlySpan<AttentionPlan> Plans;
    public required KvPageLayout Layout;

    /// <summary>[threads, <see cref="ScratchLength"/>].</summary>
    public required MatrixSpan Scratch;

    /// <summary>[items of split sequences, rows x (sums, largest, total)].</summary>
    public required MatrixSpan Parts;

    /// <summary>Floats that a thread needs for items of so many rows.</summary>
    public static int ScratchLength(KvPageLayout layout, int rows)
    {
        int padded = (rows + 5) / 6 * 6;
        return checked((padded * ((Pieces(layout.HeadDim) + 1) * RowStride)) + (padded * (layout.ValueStride + 2)) + layout.ScratchLength);
    }

    public readonly void Execute(int start, int end, int worker)
    {
        int sequence = 0, first = 0, part = 0;
        fixed (float* scratch = Scratch[worker])
        {
            for (int item = start; item < end; item++)
            {
                while (item - first >= Plans[sequence].Items)
                {
                    first += Plans[sequence].Items;
                    part += Plans[sequence].Splits > 1 ? Plans[sequence].Items : 0;
                    sequence++;
                }
                Compute(sequence, item - first, part + item - first, scratch);
            }
        }
    }

    /// <summary>Joins what the splits of each query block found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Merge()
    {
        int part = 0;
        for (int sequence = 0; sequence < Plans.Length; sequence++)
        {
            AttentionPlan plan = Plans[sequence];
            if (plan.Splits == 1)
                continue;
            int blocks = plan.Items / plan.Splits;
            for (int item = 0; item < blocks; item++)
            {
                Block block = new(plan, item, Shape);
                for (int row = 0; row < block.Rows; row++)
                    Merge(sequence, block, row, part + item, plan.Splits, blocks);
            }
            part += plan.Items;
        }
    }

    private static int Pieces(int headDim) => (headDim + (RowStride - 1)) / RowStride;

    /// <summary>What an item computes: some queries of the heads that share one kv head.</summary>
    private readonly struct Block
    {
        public Block(in AttentionPlan plan, int item, in AttentionShape shape)
        {
            // Splits are read once: in the order of memory, page by page. Others read a head's pages again and again.
            Split = item / (shape.KvHeads * plan.QueryBlocks);
            item %= shape.KvHeads * plan.QueryBlocks;
            KvHead = plan.Splits > 1 ? item % shape.KvHeads : item / plan.QueryBlocks;
            FirstQuery = (plan.Splits > 1 ? item / shape.KvHeads : item % plan.QueryBlocks) * plan.QueryBlock;
            Group = shape.Heads / shape.KvHeads;
            Queries = Math.Min(plan.QueryBlock, plan.Rows - FirstQuery);
            Position = plan.FirstPosition + FirstQuery;
        }

        public int Split { get; }

        public int KvHead { get; }

        public int FirstQuery { get; }

        public int Group { get; }

        public int Queries { get; }

        /// <summary>Of the first query.</summary>
        public int Position { get; }

        /// <summary>Row r is query r / group of head r % group.</summary>
        public int Rows => Queries * Group;

        public int Head(int row) => (KvHead * Group) + (row % Group);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Compute(int sequence, int item, int part, float* scratch)
    {
        AttentionPlan plan = Plans[sequence];
        Block block = new(plan, item, Shape);
        int rows = block.Rows, padded = (rows + 5) / 6 * 6;
        int stride = Layout.ValueStride;
        float* queries = scratch;
        float* weights = queries + ((nint)Pieces(Layout.HeadDim) * padded * RowStride);
        float* decoded = weights + ((nint)padded * RowStride);
        float* sums = decoded + Layout.ScratchLength;
        float* largest = sums + ((nint)padded * stride);
        float* totals = largest + padded;
        new Span<float>(sums, padded * stride).Clear();
        new Span<float>(largest, padded).Fill(float.NegativeInfinity);
        new Span<float>(totals, padded).Clear();
        Gather(sequence, block, queries, padded);

        KvCache cache = (KvCache)Context.State(sequence)!;
        int first = Math.Max(0, block.Position - Shape.Window + 1), end = block.Position + block.Queries;
        int keyBlock = plan.Splits > 1 ? plan.FirstKeyBlock + block.Split : first / AttentionPlan.KeyBlock;
        int lastBlock = plan.Splits > 1 ? keyBlock : (end - 1) / AttentionPlan.KeyBlock;
        for (; keyBlock <= lastBlock; keyBlock++)
        {
            // Pages before the window may be gone, those after the last query are not needed.
            int from = Math.Max(keyBlock * AttentionPlan.KeyBlock, first / PageTokens * PageTokens);
            int to = Math.Min((keyBlock + 1) * AttentionPlan.KeyBlock, end);
            if (from >= to)
                continue;
            for (int key = from; key < to; key += PageTokens)
            {
                byte* ahead = plan.Splits == 1 ? null : key + PageTokens < to ? Layout.Keys(cache.Page((key / PageTokens) + 1), block.KvHead) : Layout.Values(cache.Page(from / PageTokens), block.KvHead);
                Score(cache.Page(key / PageTokens), block, queries, padded, weights + (key - from), Math.Min(PageTokens, to - key), decoded, ahead);
            }
            for (int row = 0; row < rows; row++)
            {
                float factor = Soften(block, row, from, to, weights + ((nint)row * RowStride), ref largest[row], ref totals[row]);
                if (factor != 1)
                    Rescale(sums + ((nint)row * stride), stride, factor);
            }
            for (int key = from; key < to; key += PageTokens)
            {
                int count = Math.Min(PageTokens, to - key);
                byte* page = cache.Page(key / PageTokens);
                byte* ahead = plan.Splits == 1 ? null : key + PageTokens < to ? Layout.Values(cache.Page((key / PageTokens) + 1), block.KvHead) : Layout.Keys(cache.Page(from / PageTokens), block.KvHead + 1);
                Mix(Layout.ReadValues(page, block.KvHead, count, decoded, ahead), rows, weights + (key - from), sums, count, ahead);
            }
        }

        if (plan.Splits == 1)
        {
            for (int row = 0; row < rows; row++)
                Finish(new ReadOnlySpan<float>(sums + ((nint)row * stride), Layout.ValueDim), largest[row], totals[row], block.Head(row), Target(sequence, block, row));
            return;
        }
        Span<float> kept = Parts[part];
        new ReadOnlySpan<float>(sums, rows * stride).CopyTo(kept);
        new ReadOnlySpan<float>(largest, rows).CopyTo(kept[(rows * stride)..]);
        new ReadOnlySpan<float>(totals, rows).CopyTo(kept[(rows * (stride + 1))..]);
    }

    /// <summary>The block's queries, scaled, row by row; of wide heads piece by piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Gather(int sequence, in Block block, float* target, int padded)
    {
        int dim = Layout.HeadDim;
        for (int row = 0; row < block.Rows; row++)
        {
            ReadOnlySpan<float> query = Queries[Context.Sequences[sequence].Start + block.FirstQuery + (row / block.Group)].Slice(block.Head(row) * dim, dim);
            for (int start = 0; start < dim; start += RowStride)
            {
                ReadOnlySpan<float> piece = query.Slice(start, Math.Min(RowStride, dim - start));
                Scale.Compute(Shape.Scale, piece, new Span<float>(target + ((nint)start * padded) + ((nint)row * RowStride), piece.Length));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Score(byte* page, in Block block, float* queries, int padded, float* scores, int count, float* decoded, byte* ahead)
    {
        float* keys = Layout.ReadKeys(page, block.KvHead, decoded, ahead);
        int width = (count + (PanelProduct.Lanes - 1)) / PanelProduct.Lanes * PanelProduct.Lanes;
        int step = ahead != null && Layout.IsPlain ? FetchStep : RowStride;
        for (int start = 0; start < Layout.HeadDim; start += step)
        {
            if (step == FetchStep)
                KvPageLayout.Fetch(ahead + (start * PageTokens * sizeof(float)), step * PageTokens * sizeof(float));
            float* piece = queries + ((nint)(start / RowStride * RowStride) * padded) + (start % RowStride);
            PanelProduct.Compute(piece, block.Rows, keys + ((nint)start * PageTokens), PageTokens, width, scores, RowStride, Math.Min(step, Layout.HeadDim - start), start == 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Mix(float* values, int rows, float* weights, float* sums, int count, byte* ahead)
    {
        int stride = Layout.ValueStride, step = ahead != null && Layout.IsPlain ? FetchStep : PageTokens;
        for (int start = 0; start < count; start += step)
        {
            if (step == FetchStep)
                KvPageLayout.Fetch(ahead + (start * stride * sizeof(float)), step * stride * sizeof(float));
            PanelProduct.Compute(weights + start, rows, values + ((nint)start * stride), stride, stride, sums, stride, Math.Min(step, count - start), first: false);
        }
    }

    /// <summary>Turns a row's scores of the keys from <paramref name="from"/> on into weights; those of keys that it does not see become 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly float Soften(in Block block, int row, int from, int to, float* weights, ref float largest, ref float total)
    {
        int position = block.Position + (row / block.Group);
        int start = Math.Clamp(position - Shape.Window + 1 - from, 0, to - from);
        int end = Math.Min(to, position + 1) - from;
        if (end <= start)
        {
            new Span<float>(weights, to - from).Clear();
            return 1;
        }
        Span<float> visible = new(weights + start, end - start);
        if (Shape.ScoreCap is { } cap)
            SoftCap.Compute(visible, cap);
        Positions?.BiasScores(block.Head(row), position, from + start, visible);
        new Span<float>(weights, start).Clear();
        new Span<float>(weights + end, to - from - end).Clear();
        return OnlineSoftmax.Advance(visible, ref largest, ref total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Merge(int sequence, in Block block, int row, int part, int splits, int step)
    {
        int stride = Layout.ValueStride, rows = block.Rows;
        float most = float.NegativeInfinity;
        for (int split = 0; split < splits; split++)
            most = MathF.Max(most, Parts[part + (split * step)][(rows * stride) + row]);
        Span<float> target = Target(sequence, block, row);
        target.Clear();
        float total = 0;
        for (int split = 0; split < splits; split++)
        {
            ReadOnlySpan<float> kept = Parts[part + (split * step)];
            float factor = MathF.Exp(kept[(rows * stride) + row] - most);
            total += factor * kept[(rows * (stride + 1)) + row];
            ScaledAdd.Compute(factor, kept.Slice(row * stride, Layout.ValueDim), target);
        }
        Finish(target, most, total, block.Head(row), target);
    }

    /// <summary>Divides by the sum of the weights, in which a sink takes part.</summary>
    private readonly void Finish(ReadOnlySpan<float> sums, float largest, float total, int head, Span<float> target)
    {
        float sink = Shape.Sink(head);
        float most = MathF.Max(largest, sink);
        float own = MathF.Exp(largest - most);
        Scale.Compute(own / ((total * own) + MathF.Exp(sink - most)), sums, target);
    }

    private readonly Span<float> Target(int sequence, in Block block, int row) =>
        Mixed[Context.Sequences[sequence].Start + block.FirstQuery + (row / block.Group)].Slice(block.Head(row) * Layout.ValueDim, Layout.ValueDim);

    private static void Rescale(float* row, int length, float factor)
    {
        Span<float> span = new(row, length);
        Scale.Compute(factor, span, span);
    }
}
