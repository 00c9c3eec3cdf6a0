using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: halves d and m, then 16 bytes of nibbles q; value = d·q + m. 5 bits a value.</summary>
/// <remarks>ggml's <c>block_q4_1</c>: 20 bytes, little-endian. Byte j holds value j in its lower nibble and value j + 16 in its upper one.</remarks>
public readonly struct Q4_1 : IGroupedIntegerFormat<Q4_1>
{
    private const int NibblesAt = 4;

    /// <inheritdoc/>
    public static string Name => "Q4_1";

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 20;

    static int IGroupedFormat.GroupLength => 32;

    static int IIntegerFormat.QuantBits => 4;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q4_1>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q4_1>(blocks, values);

    /// <summary>Stores each block with m = its lowest value and d = its range / 15: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 32. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 32 · 20] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q4_1>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            (float scale, float low) = BlockInput.Range(block, 15);
            float inverse = scale != 0 ? 1 / scale : 0;
            BlockInput.StoreHalf(blocks, scale);
            BlockInput.StoreHalf(blocks[2..], low);
            for (int i = 0; i < 16; i++)
                blocks[NibblesAt + i] = (byte)(Nibble((block[i] - low) * inverse) | (Nibble((block[i + 16] - low) * inverse) << 4));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q4_1>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = -Block32.Scale(ref block[2]);
        Vector128<byte> pairs = Vector128.Load(block + NibblesAt);
        (pairs & Vector128.Create((byte)0xF)).AsSByte().Store(q);
        Vector128.ShiftRightLogical(pairs, 4).AsSByte().Store(q + 16);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int pair = block[NibblesAt + (place % 16)];
        int q = place < 16 ? pair & 0xF : pair >> 4;
        return ((float)BinaryPrimitives.ReadHalfLittleEndian(block) * q) + (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
    }

    private static int Nibble(float value) => Math.Min(15, (int)(value + 0.5f));
}
