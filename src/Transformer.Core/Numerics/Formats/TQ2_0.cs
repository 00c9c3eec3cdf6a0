using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values of -1, 0 or 1: two bits q each, and a half d; value = d·(q - 1). 2.0625 bits a value.</summary>
/// <remarks>ggml's <c>block_tq2_0</c>: 66 bytes, little-endian: for each half of the block 32 bytes with values i, i + 32, i + 64 and i + 96; d. For models trained with ternary weights.</remarks>
public readonly struct TQ2_0 : IGroupedFormat
{
    private const int ScaleAt = 64;

    /// <inheritdoc/>
    public static string Name => "TQ2_0";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 66;

    static int IGroupedFormat.GroupLength => 256;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<TQ2_0>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<TQ2_0>(blocks, values);

    /// <summary>Stores each block with d = its largest magnitude: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 66] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<TQ2_0>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            float largest = 0;
            foreach (float value in block)
                largest = Math.Max(largest, MathF.Abs(value));
            float inverse = largest != 0 ? 1 / largest : 0;

            BlockInput.StoreHalf(blocks[ScaleAt..], largest);
            for (int i = 0; i < ScaleAt; i++)
            {
                int bits = 0;
                for (int part = 0; part < 4; part++)
                    bits |= BlockInput.Ternary(block[(i / 32 * 128) + (part * 32) + (i % 32)] * inverse) << (2 * part);
                blocks[i] = (byte)bits;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<TQ2_0>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref block[ScaleAt]);
        *minimums = 0;
        Vector256<byte> three = Vector256.Create((byte)3);
        for (int half = 0; half < 2; half++)
        {
            Vector256<byte> bits = Vector256.Load(block + (32 * half));
            for (int part = 0; part < 4; part++, q += 32)
            {
                ((bits & three).AsSByte() - Vector256<sbyte>.One).Store(q);
                bits = Vector256.ShiftRightLogical(bits, 2);
            }
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int q = (block[(place / 128 * 32) + (place % 32)] >> (place % 128 / 32 * 2)) & 3;
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block[ScaleAt..]) * (q - 1);
    }
}
