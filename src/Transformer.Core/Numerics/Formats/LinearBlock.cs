using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Encodes blocks whose groups have a scale each, a small signed integer times a half-precision float of the block:
/// value = d·s[g]·q. First every group's own best scale, then, with d rounded, the best of the integers around it.
/// </summary>
[SkipLocalsInit]
internal static unsafe class LinearBlock<TLevels>
    where TLevels : struct, ILevels
{
    /// <summary>Encodes one block.</summary>
    /// <param name="values">[groups · length].</param>
    /// <param name="length">Values of a group.</param>
    /// <param name="lowest">The lowest of the small integers; the highest is -lowest - 1.</param>
    /// <param name="scaleBytes">Where d goes, two bytes.</param>
    /// <param name="scales">[groups]: s.</param>
    /// <param name="q">[values].</param>
    public static void Encode(ReadOnlySpan<float> values, int length, int lowest, Span<byte> scaleBytes, Span<sbyte> scales, Span<sbyte> q)
    {
        Span<float> block = stackalloc float[GroupedRow.LongestBlock];
        BlockInput.Copy(values, block);
        Span<float> best = stackalloc float[GroupedRow.MostGroups];
        int groups = block.Length / length;
        float peak = 0;
        for (int g = 0; g < groups; g++)
        {
            best[g] = ScaleSearch<TLevels>.Linear(block.Slice(g * length, length));
            peak = MathF.Abs(best[g]) > MathF.Abs(peak) ? best[g] : peak;
        }
        float d = BlockInput.StoreHalf(scaleBytes, peak / lowest);
        float* candidates = stackalloc float[2 * ScaleSearch<TLevels>.Lanes];
        for (int g = 0; g < groups; g++)
        {
            ReadOnlySpan<float> group = block.Slice(g * length, length);
            int scale = d != 0 ? (int)MathF.Round(best[g] / d) : 0;
            for (int i = 0; i < ScaleSearch<TLevels>.Lanes; i++)
            {
                candidates[i] = d * Moved(scale, i, lowest);
                candidates[ScaleSearch<TLevels>.Lanes + i] = 0;
            }
            int chosen = ScaleSearch<TLevels>.Best(group, candidates, candidates + ScaleSearch<TLevels>.Lanes);
            scales[g] = (sbyte)Moved(scale, chosen, lowest);
            ScaleSearch<TLevels>.Quantize(group, d * scales[g], 0, q.Slice(g * length, length));
        }
    }

    private static int Moved(int value, int candidate, int lowest) =>
        Math.Clamp(value + candidate - (ScaleSearch<TLevels>.Lanes / 2), lowest, -lowest - 1);
}
