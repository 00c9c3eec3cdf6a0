namespace Transformer.Core.Attention;

/// <summary>The sizes of an attention block, checked.</summary>
internal readonly struct AttentionShape
{
    public AttentionShape(int heads, int kvHeads, int headDim, int? window, double? scale, double? scoreCap = null, float[]? sinks = null, int? valueDim = null)
    {
        if (heads < 1)
            throw new ArgumentException($"Heads: expected at least 1, found {heads}.");
        if (kvHeads < 1 || heads % kvHeads != 0)
            throw new ArgumentException($"KvHeads: expected a divisor of {heads} heads, found {kvHeads}.");
        if (headDim < 1)
            throw new ArgumentException($"HeadDim: expected at least 1, found {headDim}.");
        if (window < 1)
            throw new ArgumentException($"Window: expected at least 1 token, found {window}.");
        if (scoreCap is not null and not (> 0 and <= float.MaxValue))
            throw new ArgumentException($"ScoreCap: expected a finite number above 0, found {scoreCap}.");
        Heads = heads;
        KvHeads = kvHeads;
        HeadDim = headDim;
        ValueDim = valueDim ?? headDim;
        Window = window ?? int.MaxValue;
        Scale = (float)(scale ?? (1 / Math.Sqrt(headDim)));
        ScoreCap = (float?)scoreCap;
        Sinks = sinks;
    }

    public int Heads { get; }

    public int KvHeads { get; }

    public int HeadDim { get; }

    /// <summary>Features of a value, and of what a head gives.</summary>
    public int ValueDim { get; }

    public int Window { get; }

    public float Scale { get; }

    /// <summary>Largest magnitude of a score, or null.</summary>
    public float? ScoreCap { get; }

    /// <summary>[heads] a score that takes part in each softmax's sum only, or null.</summary>
    public float[]? Sinks { get; }

    /// <summary>A head's sink; minus infinity if there is none.</summary>
    public float Sink(int head) => Sinks is null ? float.NegativeInfinity : Sinks[head];
}
