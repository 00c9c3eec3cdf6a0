using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Transformer.Core.Numerics;

namespace Transformer.Core.Attention;

/// <summary>
/// Scores, mask, softmax and weighted sum of every sequence of a pass over its cache. A query sees the keys up to its
/// own position and, with a window, no further back than that.
/// </summary>
/// <remarks>
/// Blocks of queries meet blocks of keys with a softmax that goes on from block to block, so that no row of scores is
/// ever whole (Dao et al. 2022, arXiv:2205.14135). The heads that share keys and values are computed together, so that
/// decoding reads the cache once. Few queries are split over the keys too, and what the parts found is merged
/// (Dao et al. 2023, "Flash-Decoding for long-context inference").
/// </remarks>
internal static class CausalAttention
{
    /// <summary>Computes the new rows; their keys and values are already in the caches.</summary>
    /// <param name="shape">Heads, scale, window and the like.</param>
    /// <param name="positions">Who biases the scores, or null.</param>
    /// <param name="queries">[n, heads x head dim].</param>
    /// <param name="mixed">[n, heads x head dim], overwritten.</param>
    /// <param name="context">Sequences and their caches, scratch memory, threads.</param>
    public static void Compute(in AttentionShape shape, IPositionalEncoder? positions, MatrixSpan queries, MatrixSpan mixed, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        Span<AttentionPlan> plans = Plans(shape, context);
        int items = 0, splitItems = 0;
        foreach (ref readonly AttentionPlan plan in plans)
        {
            items += plan.Items;
            splitItems += plan.Splits > 1 ? plan.Items : 0;
        }
        int group = shape.Heads / shape.KvHeads;
        int few = Math.Min(AttentionPlan.MostRows(group), queries.Rows * group);
        KvPageLayout layout = ((KvCache)context.State(0)!).Layout;
        AttentionRegion region = new()
        {
            Shape = shape,
            Positions = positions is { BiasesScores: true } ? positions : null,
            Queries = queries,
            Mixed = mixed,
            Context = context,
            Plans = plans,
            Layout = layout,
            Scratch = context.Workspace.Matrix(context.Workers.Threads, AttentionRegion.ScratchLength(layout, few)),
            Parts = context.Workspace.Matrix(splitItems, few * (layout.ValueStride + 2)),
        };
        context.Workers.Run(region, items);
        if (splitItems > 0)
            region.Merge();
    }

    private static Span<AttentionPlan> Plans(in AttentionShape shape, in ForwardContext context)
    {
        int count = context.Sequences.Length;
        Span<AttentionPlan> plans = MemoryMarshal.Cast<byte, AttentionPlan>(context.Workspace.Bytes(count * Unsafe.SizeOf<AttentionPlan>()))[..count];
        for (int i = 0; i < count; i++)
            plans[i] = new AttentionPlan(shape, context.Sequences[i].Count, context.State(i)!.Length);
        return plans;
    }
}
