namespace Transformer.Core.Parity.Families;

/// <summary>The sizes of a test model: small, odd, and with fewer key-value heads than heads where the family has them.</summary>
internal sealed record Sizes(int Hidden, int Heads, int KvHeads, int HeadDim, int FeedForward, int Layers = 3)
{
    public int Vocabulary { get; init; } = 101;

    /// <summary>Positions of the file.</summary>
    public int Context { get; init; } = 512;

    /// <summary>Width of all queries of a token.</summary>
    public int Q => Heads * HeadDim;

    /// <summary>Width of all keys, and of all values, of a token.</summary>
    public int Kv => KvHeads * HeadDim;
}
