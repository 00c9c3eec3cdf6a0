using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a half-precision scale d, then 16 bytes of nibbles q; value = d·(q - 8). 4.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q4_0</c>: 18 bytes, little-endian. Byte j holds value j in its lower nibble and value j + 16 in its upper one.</remarks>
public readonly struct Q4_0 : IGroupedFormat, IIntegerFormat
{
    private const int ScaleBytes = 2;
    private const int NibbleBytes = Block32.Length / 2;
    private const int Offset = 8;

    /// <inheritdoc/>
    public static string Name => "Q4_0";

    /// <inheritdoc/>
    public static int BlockLength => Block32.Length;

    /// <inheritdoc/>
    public static int BlockBytes => ScaleBytes + NibbleBytes;

    static ActivationForm IIntegerFormat.Activations => ActivationForm.Int8;

    static int IIntegerFormat.QuantBits => 4;

    static int IIntegerFormat.GroupLength => BlockLength;

    static int IGroupedFormat.GroupLength => BlockLength;

    static int IIntegerFormat.Offset => Offset;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q4_0>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q4_0>(blocks, values);

    /// <summary>Stores each block with d = the value of largest magnitude / -8, so that it becomes the nibble 0: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 32, finite.</param>
    /// <param name="blocks">[n / 32 · 18] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q4_0>(blocks.Length, values.Length);
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            float largest = 0;
            foreach (float value in values[..BlockLength])
                largest = MathF.Abs(value) > MathF.Abs(largest) ? value : largest;
            float scale = largest / -Offset;
            float inverse = scale != 0 ? 1 / scale : 0;
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)scale);
            for (int i = 0; i < NibbleBytes; i++)
                blocks[ScaleBytes + i] = (byte)(Nibble(values[i] * inverse) | (Nibble(values[i + NibbleBytes] * inverse) << 4));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q4_0>(blocks, x);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void IIntegerFormat.Unpack(byte* blocks, int count, byte* quants, float* scales, float* minimums)
    {
        Block32.Scales(blocks, BlockBytes, count / BlockLength, scales);
        for (nint i = 0; i < count / BlockLength; i++, blocks += BlockBytes)
        {
            Vector128<byte> pairs = Vector128.Load(blocks + ScaleBytes);
            (pairs & Vector128.Create((byte)0xF)).Store(quants + (i * BlockLength));
            Vector128.ShiftRightLogical(pairs, 4).Store(quants + (i * BlockLength) + NibbleBytes);
        }
    }

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y) => IntegerRowDot.Q4_0(rows, count, x, columns / BlockLength, y);

    // Adding 8.5 and cutting off rounds to the nearest nibble; only 16, opposite to the largest, is one too many.
    private static int Nibble(float value) => Math.Min(15, (int)(sbyte)(value + (Offset + 0.5f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = 0;
        Vector128<byte> pairs = Vector128.Load(block + ScaleBytes);
        Vector128<sbyte> offset = Vector128.Create((sbyte)Offset);
        ((pairs & Vector128.Create((byte)0xF)).AsSByte() - offset).Store(q);
        (Vector128.ShiftRightLogical(pairs, 4).AsSByte() - offset).Store(q + NibbleBytes);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int nibble = place < NibbleBytes ? block[ScaleBytes + place] & 0xF : block[ScaleBytes + place - NibbleBytes] >> 4;
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block) * (nibble - Offset);
    }
}
