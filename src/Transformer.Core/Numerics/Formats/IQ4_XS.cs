using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in eight groups of 32: a half d, a scale s of six bits a group, nibbles that pick unevenly spaced levels; value = d·(s - 32)·level. 4.25 bits a value.</summary>
/// <remarks>ggml's <c>block_iq4_xs</c>: 136 bytes, little-endian: d; two bytes with the upper two bits of each s; four with the lower four bits; 16 bytes of nibbles a group, as in <see cref="IQ4_NL"/>.</remarks>
public readonly struct IQ4_XS : IGroupedFormat
{
    private const int UpperAt = 2;
    private const int LowerAt = UpperAt + 2;
    private const int NibblesAt = LowerAt + 4;

    /// <inheritdoc/>
    public static string Name => "IQ4_XS";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 136;

    static int IGroupedFormat.GroupLength => 32;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<IQ4_XS>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<IQ4_XS>(blocks, values);

    /// <summary>Stores each block with scales searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 136] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<IQ4_XS>(blocks.Length, values.Length);
        Span<sbyte> scales = stackalloc sbyte[8];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            LinearBlock<UnevenLevels>.Encode(values[..BlockLength], 32, -32, blocks, scales, q);
            int upper = 0;
            for (int g = 0; g < 8; g++)
            {
                int scale = scales[g] + 32;
                upper |= scale >> 4 << (2 * g);
                blocks[LowerAt + (g / 2)] = (byte)(g % 2 == 0 ? scale & 0xF : blocks[LowerAt + (g / 2)] | ((scale & 0xF) << 4));
                LevelTable.Pack(q.Slice(32 * g, 32), UnevenLevels.Table, blocks[(NibblesAt + (16 * g))..]);
            }
            BinaryPrimitives.WriteUInt16LittleEndian(blocks[UpperAt..], (ushort)upper);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<IQ4_XS>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        float d = Block32.Scale(ref *block);
        int upper = Unsafe.ReadUnaligned<ushort>(block + UpperAt);
        uint lower = Unsafe.ReadUnaligned<uint>(block + LowerAt);
        for (int g = 0; g < 8; g++)
        {
            scales[g] = d * (int)(((lower >> (4 * g)) & 0xF) + (uint)(((upper >> (2 * g)) & 3) << 4) - 32);
            minimums[g] = 0;
            LevelTable.Unpack(block + NibblesAt + (16 * g), UnevenLevels.Vector, q + (32 * g));
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int group = place / 32, pair = block[NibblesAt + (16 * group) + (place % 16)];
        int scale = ((block[LowerAt + (group / 2)] >> (group % 2 * 4)) & 0xF) | (((BinaryPrimitives.ReadUInt16LittleEndian(block[UpperAt..]) >> (2 * group)) & 3) << 4);
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block) * (scale - 32) * UnevenLevels.Table[place % 32 < 16 ? pair & 0xF : pair >> 4];
    }
}
