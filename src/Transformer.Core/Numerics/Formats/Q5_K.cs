using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in eight groups of 32: halves d and m, a scale s and a minimum t of six bits a group, five bits q; value = d·s·q - m·t. 5.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q5_K</c>: 176 bytes, little-endian. As <see cref="Q4_K"/>, with 32 bytes before the nibbles: bit g of byte i is the fifth bit of value i of group g.</remarks>
public readonly struct Q5_K : IGroupedIntegerFormat<Q5_K>
{
    private const int ScalesAt = 4;
    private const int FifthBitsAt = ScalesAt + SixBitScales.Bytes;
    private const int NibblesAt = FifthBitsAt + 32;

    /// <inheritdoc/>
    public static string Name => "Q5_K";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 176;

    static int IGroupedFormat.GroupLength => 32;

    static int IIntegerFormat.QuantBits => 5;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q5_K>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q5_K>(blocks, values);

    /// <summary>Stores each block with scales and minimums searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 176] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q5_K>(blocks.Length, values.Length);
        Span<byte> scales = stackalloc byte[8], minimums = stackalloc byte[8];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            AffineBlock<FiveBits>.Encode(values[..BlockLength], 32, 63, blocks, blocks[2..], scales, minimums, q);
            SixBitScales.Pack(scales, minimums, blocks[ScalesAt..]);
            blocks[FifthBitsAt..NibblesAt].Clear();
            for (int i = 0; i < BlockLength / 2; i++)
            {
                int group = i / 32 * 2, place = i % 32;
                int first = q[(group * 32) + place], second = q[(group * 32) + 32 + place];
                blocks[NibblesAt + i] = (byte)((first & 0xF) | ((second & 0xF) << 4));
                blocks[FifthBitsAt + place] |= (byte)((first >> 4 << group) | (second >> 4 << (group + 1)));
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q5_K>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        SixBitScales.Unpack(block + ScalesAt, Block32.Scale(ref *block), Block32.Scale(ref block[2]), scales, minimums);
        Vector256<byte> fifths = Vector256.Load(block + FifthBitsAt), sixteen = Vector256.Create((byte)16);
        Vector256<byte> bit = Vector256<byte>.One;
        for (int i = 0; i < BlockLength / 2; i += 32, q += 64)
        {
            Vector256<byte> pairs = Vector256.Load(block + NibblesAt + i);
            ((pairs & Vector256.Create((byte)0xF)) | (Vector256.Equals(fifths & bit, bit) & sixteen)).AsSByte().Store(q);
            bit += bit;
            (Vector256.ShiftRightLogical(pairs, 4) | (Vector256.Equals(fifths & bit, bit) & sixteen)).AsSByte().Store(q + 32);
            bit += bit;
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        ReadOnlySpan<byte> packed = block[ScalesAt..];
        int group = place / 32;
        int pair = block[NibblesAt + (group / 2 * 32) + (place % 32)];
        int q = (group % 2 == 0 ? pair & 0xF : pair >> 4) | (((block[FifthBitsAt + (place % 32)] >> group) & 1) << 4);
        float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block) * SixBitScales.Scale(packed, group);
        float minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]) * SixBitScales.Minimum(packed, group);
        return (scale * q) - minimum;
    }
}
