using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in eight groups of 32: halves d and m, a scale s and a minimum t of six bits a group, nibbles q; value = d·s·q - m·t. 4.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q4_K</c>: 144 bytes, little-endian. 32 bytes of nibbles hold two groups, the first in the lower halves.</remarks>
public readonly struct Q4_K : IGroupedIntegerFormat<Q4_K>
{
    private const int ScalesAt = 4;
    private const int NibblesAt = ScalesAt + SixBitScales.Bytes;

    /// <inheritdoc/>
    public static string Name => "Q4_K";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 144;

    static int IGroupedFormat.GroupLength => 32;

    static int IIntegerFormat.QuantBits => 4;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q4_K>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q4_K>(blocks, values);

    /// <summary>Stores each block with scales and minimums searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 144] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q4_K>(blocks.Length, values.Length);
        Span<byte> scales = stackalloc byte[8], minimums = stackalloc byte[8];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            AffineBlock<FourBits>.Encode(values[..BlockLength], 32, 63, blocks, blocks[2..], scales, minimums, q);
            SixBitScales.Pack(scales, minimums, blocks[ScalesAt..]);
            for (int i = 0; i < BlockLength / 2; i++)
            {
                int first = (i / 32 * 64) + (i % 32);
                blocks[NibblesAt + i] = (byte)(q[first] + (q[first + 32] << 4));
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q4_K>(blocks, x);

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y)
    {
        if (IntegerRowDotK.IsSupported)
            IntegerRowDotK.Q4_K(rows, count, x, columns / BlockLength, y);
        else
            GroupedIntegerRow.Dots<Q4_K>(rows, count, x, columns, y);
    }

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        SixBitScales.Unpack(block + ScalesAt, Block32.Scale(ref *block), Block32.Scale(ref block[2]), scales, minimums);
        for (int i = 0; i < BlockLength / 2; i += 32, q += 64)
        {
            Vector256<byte> pairs = Vector256.Load(block + NibblesAt + i);
            (pairs & Vector256.Create((byte)0xF)).AsSByte().Store(q);
            Vector256.ShiftRightLogical(pairs, 4).AsSByte().Store(q + 32);
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        ReadOnlySpan<byte> packed = block[ScalesAt..];
        int group = place / 32;
        int pair = block[NibblesAt + (group / 2 * 32) + (place % 32)];
        int q = group % 2 == 0 ? pair & 0xF : pair >> 4;
        float scale = (float)BinaryPrimitives.ReadHalfLittleEndian(block) * SixBitScales.Scale(packed, group);
        float minimum = (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]) * SixBitScales.Minimum(packed, group);
        return (scale * q) - minimum;
    }
}
