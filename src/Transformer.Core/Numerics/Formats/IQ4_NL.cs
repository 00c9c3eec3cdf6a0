using System.Buffers.Binary;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a half d, then 16 bytes of nibbles, each of which picks one of sixteen unevenly spaced levels; value = d·level. 4.5 bits a value.</summary>
/// <remarks>ggml's <c>block_iq4_nl</c>: 18 bytes, little-endian, laid out as <see cref="Q4_0"/>; its levels are <c>kvalues_iq4nl</c>.</remarks>
public readonly struct IQ4_NL : IGroupedFormat
{
    private const int NibblesAt = 2;

    /// <inheritdoc/>
    public static string Name => "IQ4_NL";

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 18;

    static int IGroupedFormat.GroupLength => 32;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<IQ4_NL>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<IQ4_NL>(blocks, values);

    /// <summary>Stores each block with a scale searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 32. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 32 · 18] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<IQ4_NL>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            float scale = BlockInput.StoreHalf(blocks, ScaleSearch<UnevenLevels>.Linear(block));
            ScaleSearch<UnevenLevels>.Quantize(block, scale, 0, q);
            LevelTable.Pack(q, UnevenLevels.Table, blocks[NibblesAt..]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<IQ4_NL>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = 0;
        LevelTable.Unpack(block + NibblesAt, UnevenLevels.Vector, q);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int pair = block[NibblesAt + (place % 16)];
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block) * UnevenLevels.Table[place < 16 ? pair & 0xF : pair >> 4];
    }
}
