using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Encodes blocks whose groups have a scale and a minimum each, both of them small integers times a half-precision
/// float of the block: value = d·s[g]·q - m·t[g]. First every group's own best pair, then, with d and m rounded, the
/// best of the integers around it.
/// </summary>
[SkipLocalsInit]
internal static unsafe class AffineBlock<TLevels>
    where TLevels : struct, ILevels
{
    /// <summary>Encodes one block.</summary>
    /// <param name="values">[groups · length].</param>
    /// <param name="length">Values of a group.</param>
    /// <param name="largest">The largest of the small integers.</param>
    /// <param name="scaleBytes">Where d goes, two bytes.</param>
    /// <param name="minimumBytes">Where m goes, two bytes.</param>
    /// <param name="scales">[groups]: s.</param>
    /// <param name="minimums">[groups]: t.</param>
    /// <param name="q">[values].</param>
    public static void Encode(ReadOnlySpan<float> values, int length, int largest, Span<byte> scaleBytes, Span<byte> minimumBytes, Span<byte> scales, Span<byte> minimums, Span<sbyte> q)
    {
        Span<float> block = stackalloc float[GroupedRow.LongestBlock];
        BlockInput.Copy(values, block);
        Span<float> best = stackalloc float[2 * GroupedRow.MostGroups];
        Span<float> bestMinimums = best[GroupedRow.MostGroups..];
        int groups = block.Length / length;
        float largestScale = 0, largestMinimum = 0;
        for (int g = 0; g < groups; g++)
        {
            ScaleSearch<TLevels>.Affine(block.Slice(g * length, length), out best[g], out bestMinimums[g]);
            largestScale = Math.Max(largestScale, best[g]);
            largestMinimum = Math.Max(largestMinimum, bestMinimums[g]);
        }
        float d = BlockInput.StoreHalf(scaleBytes, largestScale / largest);
        float m = BlockInput.StoreHalf(minimumBytes, largestMinimum / largest);
        float* candidates = stackalloc float[2 * ScaleSearch<TLevels>.Lanes];
        for (int g = 0; g < groups; g++)
        {
            ReadOnlySpan<float> group = block.Slice(g * length, length);
            int scale = Rounded(best[g], d, largest), minimum = Rounded(bestMinimums[g], m, largest);
            for (int i = 0; i < ScaleSearch<TLevels>.Lanes; i++)
            {
                candidates[i] = d * Moved(scale, (i % 3) - 1, largest);
                candidates[ScaleSearch<TLevels>.Lanes + i] = m * Moved(minimum, (i / 3) - 2, largest);
            }
            int chosen = ScaleSearch<TLevels>.Best(group, candidates, candidates + ScaleSearch<TLevels>.Lanes);
            scales[g] = (byte)Moved(scale, (chosen % 3) - 1, largest);
            minimums[g] = (byte)Moved(minimum, (chosen / 3) - 2, largest);
            ScaleSearch<TLevels>.Quantize(group, d * scales[g], m * minimums[g], q.Slice(g * length, length));
        }
    }

    private static int Moved(int value, int by, int largest) => Math.Clamp(value + by, 0, largest);

    private static int Rounded(float value, float unit, int largest) => unit > 0 ? (int)Math.Min(MathF.Round(value / unit), largest) : 0;
}
