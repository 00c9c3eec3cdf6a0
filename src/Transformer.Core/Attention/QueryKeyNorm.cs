using Transformer.Core.Numerics;

namespace Transformer.Core.Attention;

/// <summary>
/// Normalizes queries and keys before they are rotated, which bounds the scores (Henry et al. 2020, arXiv:2010.04245).
/// Two kinds are in use: one norm over the features of a head, whose weights all heads share (Qwen 3, Gemma 3), and
/// one over all heads together (OLMo 2). Their weights lie below <c>q_norm</c> and <c>k_norm</c>.
/// </summary>
public sealed class QueryKeyNorm
{
    private readonly Func<ComponentContext, int, INormalization> _create;
    private readonly bool _perHead;

    private QueryKeyNorm(Func<ComponentContext, int, INormalization> create, bool perHead)
    {
        _create = create;
        _perHead = perHead;
    }

    /// <summary>Each head by itself.</summary>
    /// <param name="create">Makes a normalization of that many features: the head dim.</param>
    public static QueryKeyNorm PerHead(Func<ComponentContext, int, INormalization> create) => new(create, perHead: true);

    /// <summary>All heads together.</summary>
    /// <param name="create">Makes a normalization of that many features: heads x head dim.</param>
    public static QueryKeyNorm AllHeads(Func<ComponentContext, int, INormalization> create) => new(create, perHead: false);

    /// <summary>The normalization of queries or of keys.</summary>
    internal INormalization Create(ComponentContext context, int heads, int headDim) => _create(context, _perHead ? headDim : heads * headDim);

    /// <summary>Normalizes vectors [n, heads x head dim] in place.</summary>
    internal void Apply(INormalization norm, MatrixSpan vectors, int headDim)
    {
        int width = _perHead ? headDim : vectors.Columns;
        for (int start = 0; start < vectors.Columns; start += width)
        {
            MatrixSpan part = vectors.ColumnRange(start, width);
            norm.Forward(part, part);
        }
    }
}
