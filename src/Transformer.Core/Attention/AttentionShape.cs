namespace Transformer.Core.Attention;

/// <summary>The sizes of an attention block, checked.</summary>
internal readonly struct AttentionShape
{
    public AttentionShape(int heads, int kvHeads, int headDim, int? window, double? scale)
    {
        if (heads < 1)
            throw new ArgumentException($"Heads: expected at least 1, found {heads}.");
        if (kvHeads < 1 || heads % kvHeads != 0)
            throw new ArgumentException($"KvHeads: expected a divisor of {heads} heads, found {kvHeads}.");
        if (headDim < 1)
            throw new ArgumentException($"HeadDim: expected at least 1, found {headDim}.");
        if (window < 1)
            throw new ArgumentException($"Window: expected at least 1 token, found {window}.");
        Heads = heads;
        KvHeads = kvHeads;
        HeadDim = headDim;
        Window = window ?? int.MaxValue;
        Scale = (float)(scale ?? (1 / Math.Sqrt(headDim)));
    }

    public int Heads { get; }

    public int KvHeads { get; }

    public int HeadDim { get; }

    public int Window { get; }

    public float Scale { get; }
}
