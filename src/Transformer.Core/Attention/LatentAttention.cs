using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Attention;

/// <summary>
/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): keys and values of all heads are made of one compressed
/// vector a token, the latent, and only it and a rotated key that all heads share are remembered.
/// </summary>
/// <remarks>
/// A head's key is W·c for the latent c, so its score is q·(W·c) = (Wᵀ·q)·c: queries go into the latent's space, attention
/// runs over latents as if there were a single key-value head, and its result comes back by the values' matrix
/// (section 2.1.2, "absorbed").
/// </remarks>
public sealed class LatentAttention : IAttentionBlock
{
    /// <summary>With fewer rows, all heads of a row are computed at once; with more, all rows of a head.</summary>
    private const int FewestByHead = 16;

    private readonly LatentSizes _sizes;
    private readonly Linear _down;
    private readonly INormalization? _queryNorm;
    private readonly Linear? _queryUp;
    private readonly INormalization _latentNorm;
    private readonly StackedLinear _keys;
    private readonly StackedLinear _values;
    private readonly Linear _output;
    private readonly IPositionalEncoder? _positions;
    private readonly AttentionShape _shape;
    private readonly KvPageLayout _layout;
    private readonly int[] _heads;

    /// <summary>
    /// Reads <c>q_proj</c> [heads x (nope + rope), hidden] or, with a query rank, <c>q_a_proj</c>, <c>q_a_layernorm</c> and
    /// <c>q_b_proj</c>; <c>kv_a_proj_with_mqa</c> [kv rank + rope, hidden], <c>kv_a_layernorm</c>; <c>k_b_proj</c> [heads, kv
    /// rank, nope] and <c>v_b_proj</c> [heads, v, kv rank]; <c>o_proj</c> [hidden, heads x v].
    /// </summary>
    /// <param name="context">Where and how wide.</param>
    /// <param name="sizes">Widths of the parts.</param>
    /// <param name="norm">Makes the normalizations of the latent and of the compressed query, of so many features.</param>
    /// <param name="heads">Heads; null: the builder's.</param>
    /// <param name="scale">Factor on the scores; null: 1/√(nope + rope).</param>
    public LatentAttention(ComponentContext context, LatentSizes sizes, Func<ComponentContext, int, INormalization> norm, int? heads = null, double? scale = null)
    {
        sizes.Check();
        int count = heads ?? context.Heads;
        int query = sizes.QkNopeHeadDim + sizes.QkRopeHeadDim;
        int width = sizes.KvLoraRank + sizes.QkRopeHeadDim;
        _sizes = sizes;
        _shape = new AttentionShape(count, 1, width, null, scale ?? (1 / Math.Sqrt(query)), valueDim: sizes.KvLoraRank);
        _layout = new KvPageLayout(1, width, context.KvCacheFormat, sizes.KvLoraRank, latent: true);

        WeightScope weights = context.Weights;
        if (sizes.QLoraRank is { } rank)
        {
            _down = weights.Linear(context.HiddenSize, ("q_a_proj", rank), ("kv_a_proj_with_mqa", width));
            _queryNorm = norm(context.Below("q_a_layernorm"), rank);
            _queryUp = weights.Linear(rank, ("q_b_proj", count * query));
        }
        else
        {
            _down = weights.Linear(context.HiddenSize, ("q_proj", count * query), ("kv_a_proj_with_mqa", width));
        }
        _latentNorm = norm(context.Below("kv_a_layernorm"), sizes.KvLoraRank);
        _keys = weights.Stack(count, sizes.QkNopeHeadDim, bias: false, ("k_b_proj", sizes.KvLoraRank));
        _values = weights.Stack(count, sizes.KvLoraRank, bias: false, ("v_b_proj", sizes.VHeadDim));
        _heads = [.. Enumerable.Range(0, _keys.Count)];
        _output = weights.Linear(count * sizes.VHeadDim, ("o_proj", context.HiddenSize));
        _positions = context.Positions;
    }

    /// <inheritdoc/>
    public ISequenceState CreateState(int capacity) => new KvCache(capacity, _layout);

    /// <inheritdoc/>
    public long StateBytes(int length) => KvCache.Bytes(_layout, length, int.MaxValue);

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        (int heads, int rope, int rank) = (_shape.Heads, _sizes.QkRopeHeadDim, _sizes.KvLoraRank);
        MatrixSpan down = context.Workspace.Matrix(x.Rows, _down.Outputs);
        _down.Forward(x, down, context.Compute);
        MatrixSpan queries = Queries(down, context);
        context.Observe(ActivationPoints.Query, queries, heads);

        // Queries in the latent's space and keys side by side, the rotated part first in each, so one call rotates all.
        MatrixSpan all = context.Workspace.Matrix(x.Rows, (heads + 1) * _shape.HeadDim);
        MatrixSpan latentQueries = all.ColumnRange(0, heads * _shape.HeadDim);
        MatrixSpan keys = all.ColumnRange(heads * _shape.HeadDim, _shape.HeadDim);
        int latent = _down.Outputs - rope - rank;
        down.ColumnRange(latent + rank, rope).CopyTo(keys.ColumnRange(0, rope));
        _latentNorm.Forward(down.ColumnRange(latent, rank), keys.ColumnRange(rope, rank));
        context.Observe(ActivationPoints.Key, keys);
        CopyRotated(queries, latentQueries);
        ByHead(_keys, queries, latentQueries, rope, context.Compute);
        Rotation.Run(_positions, all, _shape.HeadDim, context);
        context.Observe(ActivationPoints.RotatedQuery, latentQueries, heads);
        context.Observe(ActivationPoints.RotatedKey, keys);

        CacheAppend.Run(keys, keys, context);
        MatrixSpan latents = context.Workspace.Matrix(x.Rows, heads * rank);
        if (ObservedAttention.IsWanted(context))
            ObservedAttention.Compute(_shape, _positions, latentQueries, latents, context);
        else
            CausalAttention.Compute(_shape, _positions, latentQueries, latents, context);

        MatrixSpan mixed = context.Workspace.Matrix(x.Rows, heads * _sizes.VHeadDim);
        ByHead(_values, latents, mixed, 0, context.Compute);
        context.Observe(ActivationPoints.Mixed, mixed, heads);
        _output.Forward(mixed, y, context.Compute);
        context.Observe(ActivationPoints.AttentionOut, y);
    }

    /// <summary>[n, heads x (nope + rope)], not rotated.</summary>
    private MatrixSpan Queries(MatrixSpan down, in ForwardContext context)
    {
        if (_queryUp is null)
            return down.ColumnRange(0, _down.Matrices[0].Rows);
        MatrixSpan compressed = down.ColumnRange(0, _queryUp.Inputs);
        _queryNorm!.Forward(compressed, compressed);
        MatrixSpan queries = context.Workspace.Matrix(down.Rows, _queryUp.Outputs);
        _queryUp.Forward(compressed, queries, context.Compute);
        return queries;
    }

    private void CopyRotated(MatrixSpan queries, MatrixSpan latentQueries)
    {
        (int nope, int rope) = (_sizes.QkNopeHeadDim, _sizes.QkRopeHeadDim);
        for (int row = 0; row < queries.Rows; row++)
        {
            for (int head = 0; head < _shape.Heads; head++)
                queries[row].Slice((head * (nope + rope)) + nope, rope).CopyTo(latentQueries[row][(head * _shape.HeadDim)..]);
        }
    }

    /// <summary>Each head's map on its own columns of every row.</summary>
    /// <param name="maps">One a head.</param>
    /// <param name="x">[n, heads x any]: a head's input is the first of its columns.</param>
    /// <param name="y">[n, heads x any]: a head's output begins at <paramref name="to"/> of its columns.</param>
    /// <param name="to">See y.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    private void ByHead(StackedLinear maps, MatrixSpan x, MatrixSpan y, int to, in ComputeContext compute)
    {
        (int heads, int inputs, int outputs) = (maps.Count, x.Columns / maps.Count, y.Columns / maps.Count);
        if (x.Rows < FewestByHead)
        {
            for (int row = 0; row < x.Rows; row++)
            {
                MatrixSpan own = new MatrixSpan(x[row], heads, inputs).ColumnRange(0, maps.Inputs);
                maps.ForwardEach(own, _heads, new MatrixSpan(y[row], heads, outputs).ColumnRange(to, maps.Outputs), compute);
            }
            return;
        }
        for (int head = 0; head < heads; head++)
            maps[head].Forward(x.ColumnRange(head * inputs, maps.Inputs), y.ColumnRange((head * outputs) + to, maps.Outputs), compute);
    }
}
