namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Formats whose blocks are small integers in groups: value = scale[g]·q - minimum[g], computed in single precision
/// in this order. Unpacking a block is all that one of them has to say; the loops are <see cref="GroupedRow"/>.
/// </summary>
internal unsafe interface IGroupedFormat : IBlockFormat
{
    /// <summary>Values that share a scale: 16, or a multiple of it.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Writes a block's integers, scales and minimums (zeros where the format has none).</summary>
    /// <param name="block">The block.</param>
    /// <param name="q">[block length].</param>
    /// <param name="scales">[groups].</param>
    /// <param name="minimums">[groups].</param>
    static abstract void Unpack(byte* block, sbyte* q, float* scales, float* minimums);

    /// <summary>One value, read from its bits by the format's definition: what everything else is tested against.</summary>
    static abstract float Value(ReadOnlySpan<byte> block, int place);
}
