using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: halves d and m, four bytes with the fifth bits, 16 bytes of nibbles; value = d·q + m. 6 bits a value.</summary>
/// <remarks>ggml's <c>block_q5_1</c>: 24 bytes, little-endian. Bits lie as in <see cref="Q5_0"/>.</remarks>
public readonly struct Q5_1 : IGroupedIntegerFormat<Q5_1>
{
    private const int FifthBitsAt = 4;
    private const int NibblesAt = FifthBitsAt + 4;

    /// <inheritdoc/>
    public static string Name => "Q5_1";

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 24;

    static int IGroupedFormat.GroupLength => 32;

    static int IIntegerFormat.QuantBits => 5;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q5_1>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q5_1>(blocks, values);

    /// <summary>Stores each block with m = its lowest value and d = its range / 31: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 32. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 32 · 24] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q5_1>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            (float scale, float low) = BlockInput.Range(block, 31);
            float inverse = scale != 0 ? 1 / scale : 0;
            BlockInput.StoreHalf(blocks, scale);
            BlockInput.StoreHalf(blocks[2..], low);
            for (int i = 0; i < BlockLength; i++)
                q[i] = (sbyte)Math.Min(31, (int)(((block[i] - low) * inverse) + 0.5f));
            FifthBits.Pack(q, blocks[FifthBitsAt..], blocks[NibblesAt..]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q5_1>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = -Block32.Scale(ref block[2]);
        FifthBits.Unpack(block + FifthBitsAt, block + NibblesAt).Store(q);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int q = FifthBits.Value(block[FifthBitsAt..], block[NibblesAt..], place);
        return ((float)BinaryPrimitives.ReadHalfLittleEndian(block) * q) + (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
    }
}
