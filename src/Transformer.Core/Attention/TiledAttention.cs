using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Attention;

/// <summary>
/// Causal attention of many queries at once: blocks of keys against blocks of queries, with a softmax that goes on
/// from block to block, so that no row of scores is ever whole (Milakov and Gimelshein 2018, arXiv:1805.02867;
/// Dao et al. 2022, arXiv:2205.14135). Queries are in the lanes, so maxima and sums need no reduction.
/// </summary>
internal static unsafe class TiledAttention
{
    /// <summary>Fewer queries than this are computed one by one.</summary>
    public const int FewestQueries = 16;

    /// <summary>A head's features are the depth of a tile's rows.</summary>
    public const int LargestHeadDim = 512;

    /// <summary>Keys of a block; at most the depth of a tile's rows.</summary>
    private const int KeyBlock = 192;

    private static int QueryBlock => Vector512.IsHardwareAccelerated ? FloatTile512.Tokens : FloatTile256.Tokens;

    /// <summary>As <see cref="CausalAttention.Compute"/>, for position encoders that do not bias scores.</summary>
    public static void Compute(AttentionShape shape, KvCache cache, MatrixSpan queries, MatrixSpan mixed, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        int blocks = (queries.Rows + QueryBlock - 1) / QueryBlock;
        Region region = new()
        {
            Shape = shape,
            Cache = cache,
            Queries = queries,
            Mixed = mixed,
            Blocks = blocks,
            Scratch = context.Workspace.Matrix(context.Workers.Threads, Layout(shape.HeadDim).Total),
        };
        context.Workers.Run(region, shape.Heads * blocks);
    }

    /// <summary>Where the parts of a thread's scratch begin.</summary>
    private static (int Queries, int Scores, int Sums, int Largest, int Total, int Padded) Layout(int headDim)
    {
        // Rows of a tile come six at a time.
        int padded = (headDim + 5) / 6 * 6;
        int rows = Math.Max(KeyBlock, padded) * FloatGemm.RowStride;
        int queries = rows;
        int scores = queries + (headDim * QueryBlock);
        int sums = scores + (KeyBlock * QueryBlock);
        int largest = sums + (padded * QueryBlock);
        return (queries, scores, sums, largest, largest + (3 * QueryBlock), padded);
    }

    /// <summary>Item i is block i % Blocks of the queries of head i / Blocks.</summary>
    private ref struct Region : IParallelWork
    {
        public AttentionShape Shape;
        public KvCache Cache;
        public MatrixSpan Queries;
        public MatrixSpan Mixed;
        public int Blocks;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            fixed (float* scratch = Scratch[worker])
            {
                for (int item = start; item < end; item++)
                    Block(item / Blocks, item % Blocks * QueryBlock, scratch);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Block(int head, int firstQuery, float* scratch)
        {
            int headDim = Shape.HeadDim;
            int column = head / (Shape.Heads / Shape.KvHeads) * headDim;
            int count = Math.Min(QueryBlock, Queries.Rows - firstQuery);
            int width = 16;
            while (width < count)
                width *= 2;
            (int queryStart, int scoreStart, int sumStart, int largestStart, _, int padded) = Layout(headDim);
            float* rows = scratch;
            float* panel = scratch + queryStart;
            float* scores = scratch + scoreStart;
            float* sums = scratch + sumStart;
            float* largest = scratch + largestStart;
            float* totals = largest + width;
            float* factors = totals + width;
            new Span<float>(largest, width).Fill(float.NegativeInfinity);
            new Span<float>(totals, width).Clear();
            new Span<float>(sums, padded * width).Clear();

            MatrixSpan q = Queries.RowRange(firstQuery, count).ColumnRange(head * headDim, headDim);
            fixed (float* source = q.Data)
                Transpose.Compute(source, q.Stride, count, panel, width, headDim, width);

            int firstPosition = Cache.Length - Queries.Rows + firstQuery;
            int end = firstPosition + count;
            for (int key = Math.Max(0, firstPosition - Shape.Window + 1); key < end; key += KeyBlock)
            {
                int keys = Math.Min(KeyBlock, end - key);
                Copy(Cache.Keys(key, keys, column, headDim), rows);
                Multiply(rows, panel, width, scores, keys, headDim, first: true);
                if (Shape.ScoreCap is { } cap)
                    SoftCap.Compute(new Span<float>(scores, keys * width), cap, Shape.Scale);
                Mask(scores, width, key, keys, firstPosition, count);
                Soften(scores, keys, width, largest, totals, factors);
                Rescale(sums, headDim, width, factors);
                MatrixSpan values = Cache.Values(key, keys, column, headDim);
                fixed (float* source = values.Data)
                    Transpose.Compute(source, values.Stride, keys, rows, FloatGemm.RowStride, headDim, keys);
                Multiply(rows, scores, width, sums, headDim, keys, first: false);
            }

            for (int i = 0; i < width; i++)
                factors[i] = 1 / (totals[i] + MathF.Exp(Shape.Sink(head) - largest[i]));
            Rescale(sums, headDim, width, factors);
            MatrixSpan z = Mixed.RowRange(firstQuery, count).ColumnRange(head * headDim, headDim);
            fixed (float* target = z.Data)
                Transpose.Compute(sums, width, headDim, target, z.Stride, count, headDim);
        }

        private static void Copy(MatrixSpan source, float* rows)
        {
            for (int i = 0; i < source.Rows; i++)
                source[i].CopyTo(new Span<float>(rows + ((nint)i * FloatGemm.RowStride), source.Columns));
        }

        /// <summary>sums[r, t] (+)= Σ rows[r, k]·panel[k, t], in pieces as deep as a row of scratch.</summary>
        private static void Multiply(float* rows, float* panel, int width, float* sums, int count, int depth, bool first)
        {
            for (int row = 0; row < count; row += FloatTile512.Rows)
                FloatGemm.Tile(rows + ((nint)row * FloatGemm.RowStride), panel, width, sums + (row * width), width, depth, first);
        }

        /// <summary>Scores of keys that a query does not see become −∞.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Mask(float* scores, int width, int key, int keys, int firstPosition, int count)
        {
            bool causal = key + keys - 1 > firstPosition;
            bool windowed = (long)key <= (long)firstPosition + count - 1 - Shape.Window;
            for (int k = 0; (causal || windowed) && k < keys; k++)
            {
                // Query t stands at firstPosition + t: it sees key + k if that is not after it and within the window.
                int firstVisible = Math.Clamp(key + k - firstPosition, 0, width);
                long endVisible = Math.Clamp((long)key + k + Shape.Window - firstPosition, 0, width);
                new Span<float>(scores + (k * width), firstVisible).Fill(float.NegativeInfinity);
                new Span<float>(scores + (k * width) + endVisible, width - (int)endVisible).Fill(float.NegativeInfinity);
            }
        }

        /// <summary>scores = exp(scale·scores − new maximum); the sums so far shrink by <paramref name="factors"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Soften(float* scores, int keys, int width, float* largest, float* totals, float* factors)
        {
            Vector512<float> scale = Vector512.Create(Shape.ScoreCap is null ? Shape.Scale : 1);
            for (int lane = 0; lane < width; lane += 16)
            {
                Vector512<float> old = Vector512.Load(largest + lane);
                Vector512<float> maximum = old;
                for (int k = 0; k < keys; k++)
                    maximum = Vector512.Max(maximum, Vector512.Load(scores + (k * width) + lane) * scale);
                maximum.Store(largest + lane);

                // A query that sees nothing in this block and saw nothing before has no maximum yet.
                Vector512<float> origin = Vector512.ConditionalSelect(Vector512.Equals(maximum, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, maximum);
                (old - origin).Store(factors + lane);
                for (int k = 0; k < keys; k++)
                    ((Vector512.Load(scores + (k * width) + lane) * scale) - origin).Store(scores + (k * width) + lane);
            }
            Span<float> all = new(scores, keys * width);
            Exp.Compute(all, all);
            Exp.Compute(new Span<float>(factors, width), new Span<float>(factors, width));
            for (int lane = 0; lane < width; lane += 16)
            {
                Vector512<float> total = Vector512.Load(totals + lane) * Vector512.Load(factors + lane);
                for (int k = 0; k < keys; k++)
                    total += Vector512.Load(scores + (k * width) + lane);
                total.Store(totals + lane);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Rescale(float* sums, int rows, int width, float* factors)
        {
            for (int row = 0; row < rows; row++)
                for (int lane = 0; lane < width; lane += 16)
                    (Vector512.Load(sums + (row * width) + lane) * Vector512.Load(factors + lane)).Store(sums + (row * width) + lane);
        }
    }
}
