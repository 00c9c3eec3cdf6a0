using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in sixteen groups of 16: three bits q, a scale s of six bits a group, a half d; value = d·(s - 32)·(q - 4). 3.4375 bits a value.</summary>
/// <remarks>ggml's <c>block_q3_K</c>: 110 bytes, little-endian: 32 bytes whose bit k is the third bit of values i + 32·k; the lower two bits as in <see cref="Q2_K"/>; twelve bytes of scales; d. Of a scale, four bits are in the nibbles of bytes 0 to 7 (lower halves first), two in bytes 8 to 11.</remarks>
public readonly struct Q3_K : IGroupedIntegerFormat<Q3_K>
{
    private const int BitsAt = 32;
    private const int ScalesAt = BitsAt + 64;
    private const int ScaleAt = ScalesAt + 12;

    /// <inheritdoc/>
    public static string Name => "Q3_K";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 110;

    static int IGroupedFormat.GroupLength => 16;

    static int IIntegerFormat.QuantBits => 3;

    static int IIntegerFormat.Offset => 4;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q3_K>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q3_K>(blocks, values);

    /// <summary>Stores each block with scales searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 110] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q3_K>(blocks.Length, values.Length);
        Span<sbyte> scales = stackalloc sbyte[16];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            LinearBlock<SignedThreeBits>.Encode(values[..BlockLength], 16, -32, blocks[ScaleAt..], scales, q);
            blocks[..BitsAt].Clear();
            blocks[ScalesAt..ScaleAt].Clear();
            for (int g = 0; g < 16; g++)
            {
                int scale = scales[g] + 32;
                blocks[ScalesAt + (g % 8)] |= (byte)((scale & 0xF) << (g / 8 * 4));
                blocks[ScalesAt + 8 + (g % 4)] |= (byte)(scale >> 4 << (g / 4 * 2));
            }
            for (int i = 0; i < 64; i++)
            {
                int half = i / 32, place = i % 32, bits = 0;
                for (int part = 0; part < 4; part++)
                {
                    int value = q[(half * 128) + (part * 32) + place] + 4;
                    bits |= (value & 3) << (2 * part);
                    blocks[place] |= (byte)(value >> 2 << ((half * 4) + part));
                }
                blocks[BitsAt + i] = (byte)bits;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q3_K>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        float d = Block32.Scale(ref block[ScaleAt]);
        for (int g = 0; g < 16; g++)
        {
            scales[g] = d * (((block[ScalesAt + (g & 7)] >> (g >> 3 << 2)) & 0xF) + (((block[ScalesAt + 8 + (g & 3)] >> (g >> 2 << 1)) & 3) << 4) - 32);
            minimums[g] = 0;
        }
        Vector256<byte> thirds = Vector256.Load(block), three = Vector256.Create((byte)3), bit = Vector256<byte>.One;
        for (int half = 0; half < 2; half++)
        {
            Vector256<byte> bits = Vector256.Load(block + BitsAt + (32 * half));
            for (int part = 0; part < 4; part++, q += 32)
            {
                // Where the third bit is set the four is not taken away.
                Vector256<byte> four = Vector256.Equals(thirds & bit, Vector256<byte>.Zero) & Vector256.Create((byte)4);
                ((bits & three).AsSByte() - four.AsSByte()).Store(q);
                bits = Vector256.ShiftRightLogical(bits, 2);
                bit += bit;
            }
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int group = place / 16, part = place / 32;
        int scale = ((block[ScalesAt + (group % 8)] >> (group / 8 * 4)) & 0xF) | (((block[ScalesAt + 8 + (group % 4)] >> (group / 4 * 2)) & 3) << 4);
        int q = ((block[BitsAt + (place / 128 * 32) + (place % 32)] >> (part % 4 * 2)) & 3) | (((block[place % 32] >> part) & 1) << 2);
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block[ScaleAt..]) * (scale - 32) * (q - 4);
    }
}
