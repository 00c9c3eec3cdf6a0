using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a half d, four bytes with the fifth bits, 16 bytes of nibbles; value = d·(q - 16). 5.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q5_0</c>: 22 bytes, little-endian. Byte j holds value j in its lower nibble and value j + 16 in its upper one; bit i of the four bytes belongs to value i.</remarks>
public readonly struct Q5_0 : IGroupedIntegerFormat<Q5_0>
{
    private const int FifthBitsAt = 2;
    private const int NibblesAt = FifthBitsAt + 4;

    /// <inheritdoc/>
    public static string Name => "Q5_0";

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 22;

    static int IGroupedFormat.GroupLength => 32;

    static int IIntegerFormat.QuantBits => 5;

    static int IIntegerFormat.Offset => 16;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q5_0>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q5_0>(blocks, values);

    /// <summary>Stores each block with d = the value of largest magnitude / -16: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 32. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 32 · 22] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q5_0>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            float largest = 0;
            foreach (float value in block)
                largest = MathF.Abs(value) > MathF.Abs(largest) ? value : largest;
            float scale = largest / -16;
            float inverse = scale != 0 ? 1 / scale : 0;
            BlockInput.StoreHalf(blocks, scale);

            // Adding 16.5 and cutting off rounds to the nearest; only 32, opposite to the largest, is one too many.
            for (int i = 0; i < BlockLength; i++)
                q[i] = (sbyte)Math.Min(31, (int)((block[i] * inverse) + 16.5f));
            FifthBits.Pack(q, blocks[FifthBitsAt..], blocks[NibblesAt..]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q5_0>(blocks, x);

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y) => IntegerRowDot.Q5_0(rows, count, x, columns / BlockLength, y);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = 0;
        (FifthBits.Unpack(block + FifthBitsAt, block + NibblesAt) - Vector256.Create((sbyte)16)).Store(q);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block) * (FifthBits.Value(block[FifthBitsAt..], block[NibblesAt..], place) - 16);
    }
}
