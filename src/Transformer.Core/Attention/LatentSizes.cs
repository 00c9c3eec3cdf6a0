namespace Transformer.Core.Attention;

/// <summary>The widths of <see cref="LatentAttention"/>, under DeepSeek's names.</summary>
/// <param name="KvLoraRank">Features of the latent that keys and values are made of.</param>
/// <param name="QkNopeHeadDim">Features of a head's query and key that are not rotated.</param>
/// <param name="QkRopeHeadDim">Features that are; keys have them in common.</param>
/// <param name="VHeadDim">Features of a head's value.</param>
/// <param name="QLoraRank">Features of the compressed query; null: queries are not compressed.</param>
public sealed record LatentSizes(int KvLoraRank, int QkNopeHeadDim, int QkRopeHeadDim, int VHeadDim, int? QLoraRank = null)
{
    /// <summary>Throws if a size cannot be.</summary>
    /// <exception cref="ArgumentException">A size is not positive.</exception>
    internal void Check()
    {
        foreach ((string name, int size) in ((string, int)[])
            [(nameof(KvLoraRank), KvLoraRank), (nameof(QkNopeHeadDim), QkNopeHeadDim), (nameof(QkRopeHeadDim), QkRopeHeadDim), (nameof(VHeadDim), VHeadDim), (nameof(QLoraRank), QLoraRank ?? 1)])
        {
            if (size < 1)
                throw new ArgumentException($"{name}: expected at least 1, found {size}.");
        }
    }
}
