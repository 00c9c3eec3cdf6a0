using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in sixteen groups of 16: a scale s and a minimum t of four bits a group, two bits q, halves d and m; value = d·s·q - m·t. 2.625 bits a value.</summary>
/// <remarks>ggml's <c>block_q2_K</c>: 84 bytes, little-endian: sixteen bytes with s in the lower and t in the upper half; for each half of the block 32 bytes with two bits of values i, i + 32, i + 64 and i + 96; d and m.</remarks>
public readonly struct Q2_K : IGroupedIntegerFormat<Q2_K>
{
    private const int BitsAt = 16;
    private const int ScaleAt = BitsAt + 64;

    /// <inheritdoc/>
    public static string Name => "Q2_K";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 84;

    static int IGroupedFormat.GroupLength => 16;

    static int IIntegerFormat.QuantBits => 2;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q2_K>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q2_K>(blocks, values);

    /// <summary>Stores each block with scales and minimums searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 84] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q2_K>(blocks.Length, values.Length);
        Span<byte> scales = stackalloc byte[16], minimums = stackalloc byte[16];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            AffineBlock<TwoBits>.Encode(values[..BlockLength], 16, 15, blocks[ScaleAt..], blocks[(ScaleAt + 2)..], scales, minimums, q);
            for (int g = 0; g < 16; g++)
                blocks[g] = (byte)(scales[g] | (minimums[g] << 4));
            for (int i = 0; i < 64; i++)
            {
                int first = (i / 32 * 128) + (i % 32);
                blocks[BitsAt + i] = (byte)(q[first] + (q[first + 32] << 2) + (q[first + 64] << 4) + (q[first + 96] << 6));
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q2_K>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        float d = Block32.Scale(ref block[ScaleAt]), m = Block32.Scale(ref block[ScaleAt + 2]);
        for (int g = 0; g < 16; g++)
        {
            scales[g] = d * (block[g] & 0xF);
            minimums[g] = m * (block[g] >> 4);
        }
        Vector256<byte> three = Vector256.Create((byte)3);
        for (int half = 0; half < 2; half++, q += 128)
        {
            Vector256<byte> bits = Vector256.Load(block + BitsAt + (32 * half));
            (bits & three).AsSByte().Store(q);
            (Vector256.ShiftRightLogical(bits, 2) & three).AsSByte().Store(q + 32);
            (Vector256.ShiftRightLogical(bits, 4) & three).AsSByte().Store(q + 64);
            Vector256.ShiftRightLogical(bits, 6).AsSByte().Store(q + 96);
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int q = (block[BitsAt + (place / 128 * 32) + (place % 32)] >> (place % 128 / 32 * 2)) & 3;
        float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block[ScaleAt..]) * (block[place / 16] & 0xF);
        float minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[(ScaleAt + 2)..]) * (block[place / 16] >> 4);
        return (scale * q) - minimum;
    }
}
