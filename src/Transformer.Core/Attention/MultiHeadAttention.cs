using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Attention;

/// <summary>
/// Scaled dot-product attention over several heads: softmax(QKᵀ/√d + mask)·V, heads side by side, times Wo
/// (Vaswani et al. 2017, arXiv:1706.03762). With fewer key and value heads than query heads it is grouped-query
/// attention (Ainslie et al. 2023, arXiv:2305.13245), with one it is multi-query attention. Always causal.
/// </summary>
public sealed class MultiHeadAttention : IAttentionBlock
{
    private readonly Linear _qkv;
    private readonly Linear _output;
    private readonly IPositionalEncoder? _positions;
    private readonly AttentionShape _shape;
    private readonly QueryKeyNorm? _norm;
    private readonly INormalization? _queryNorm;
    private readonly INormalization? _keyNorm;
    private readonly WeightFormat _cacheFormat;

    /// <summary>
    /// Reads <c>q_proj</c> [heads x head dim, hidden], <c>k_proj</c> and <c>v_proj</c> [kv heads x head dim, hidden]
    /// and <c>o_proj</c> [hidden, heads x head dim].
    /// </summary>
    /// <param name="context">Where and how wide; sizes left null below come from it.</param>
    /// <param name="heads">Query heads. If they are not the builder's, the next two are by default as many and hidden size / heads.</param>
    /// <param name="kvHeads">Key and value heads; divides <paramref name="heads"/>.</param>
    /// <param name="headDim">Features of a head; any number.</param>
    /// <param name="bias">Whether q, k and v have biases.</param>
    /// <param name="outputBias">Whether the output has a bias; null: as <paramref name="bias"/>.</param>
    /// <param name="window">How many tokens a query sees, itself included; null: all before it.</param>
    /// <param name="scale">Factor on the scores; null: 1/√head dim.</param>
    /// <param name="scoreCap">Bends scaled scores into (−cap, cap), cap·tanh(score/cap), as Gemma 2 does (arXiv:2408.00118); null: does not.</param>
    /// <param name="sinks">Whether each head has a learned score, read from <c>sinks</c> [heads], that takes part in the softmax's sum only, as in gpt-oss (arXiv:2309.17453).</param>
    /// <param name="queryKeyNorm">Normalizes queries and keys before they are rotated; null: they are not.</param>
    public MultiHeadAttention(
        ComponentContext context,
        int? heads = null,
        int? kvHeads = null,
        int? headDim = null,
        bool bias = false,
        bool? outputBias = null,
        int? window = null,
        double? scale = null,
        double? scoreCap = null,
        bool sinks = false,
        QueryKeyNorm? queryKeyNorm = null)
    {
        bool own = heads is { } given && given != context.Heads;
        int count = heads ?? context.Heads;
        _shape = new AttentionShape(
            count,
            kvHeads ?? (own ? count : context.KvHeads),
            headDim ?? (own && count > 0 ? context.HiddenSize / count : context.HeadDim),
            window,
            scale,
            scoreCap,
            sinks ? context.Weights.Vector("sinks", count) : null);
        int q = _shape.Heads * _shape.HeadDim;
        int kv = _shape.KvHeads * _shape.HeadDim;
        _qkv = context.Weights.Linear(context.HiddenSize, bias, ("q_proj", q), ("k_proj", kv), ("v_proj", kv));
        _output = context.Weights.Linear(q, outputBias ?? bias, ("o_proj", context.HiddenSize));
        _positions = context.Positions;
        _norm = queryKeyNorm;
        _queryNorm = queryKeyNorm?.Create(context.Below("q_norm"), _shape.Heads, _shape.HeadDim);
        _keyNorm = queryKeyNorm?.Create(context.Below("k_norm"), _shape.KvHeads, _shape.HeadDim);
        _cacheFormat = context.KvCacheFormat;
        if (_shape.HeadDim % _cacheFormat.BlockLength != 0)
            throw new ArgumentException($"KvCache: expected a HeadDim that is a multiple of {_cacheFormat.Name}'s block of {_cacheFormat.BlockLength}, found {_shape.HeadDim}.");
    }

    /// <inheritdoc/>
    public ISequenceState CreateState(int capacity) => new KvCache(capacity, _shape.KvHeads, _shape.HeadDim, _cacheFormat, _shape.Window);

    /// <inheritdoc/>
    public long StateBytes(int length) => KvCache.Bytes(new KvPageLayout(_shape.KvHeads, _shape.HeadDim, _cacheFormat), length, _shape.Window);

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        int q = _shape.Heads * _shape.HeadDim;
        int kv = _shape.KvHeads * _shape.HeadDim;
        MatrixSpan qkv = context.Workspace.Matrix(x.Rows, q + (2 * kv));
        _qkv.Forward(x, qkv, context.Compute);
        MatrixSpan queries = qkv.ColumnRange(0, q);
        MatrixSpan keys = qkv.ColumnRange(q, kv);
        MatrixSpan values = qkv.ColumnRange(q + kv, kv);
        _norm?.Apply(_queryNorm!, queries, _shape.HeadDim);
        _norm?.Apply(_keyNorm!, keys, _shape.HeadDim);
        context.Observe(ActivationPoints.Query, queries, _shape.Heads);
        context.Observe(ActivationPoints.Key, keys, _shape.KvHeads);
        context.Observe(ActivationPoints.Value, values, _shape.KvHeads);

        // Queries and keys stand side by side, so one call rotates both.
        Rotation.Run(_positions, qkv.ColumnRange(0, q + kv), _shape.HeadDim, context);
        context.Observe(ActivationPoints.RotatedQuery, queries, _shape.Heads);
        context.Observe(ActivationPoints.RotatedKey, keys, _shape.KvHeads);

        MatrixSpan mixed = context.Workspace.Matrix(x.Rows, q);
        CacheAppend.Run(keys, values, context);
        if (ObservedAttention.IsWanted(context))
            ObservedAttention.Compute(_shape, _positions, queries, mixed, context);
        else
            CausalAttention.Compute(_shape, _positions, queries, mixed, context);
        context.Observe(ActivationPoints.Mixed, mixed, _shape.Heads);

        _output.Forward(mixed, y, context.Compute);
        context.Observe(ActivationPoints.AttentionOut, y);
    }
}
