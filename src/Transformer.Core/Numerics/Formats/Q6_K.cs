using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values in sixteen groups of 16: six bits q, a signed byte s a group, a half d; value = d·s·(q - 32). 6.5625 bits a value.</summary>
/// <remarks>ggml's <c>block_q6_K</c>: 210 bytes, little-endian. Each half of a block has 64 bytes of nibbles (values 0 to 63 in the lower, 64 to 127 in the upper ones); then, for both halves, 32 bytes with two more bits of values i, i + 32, i + 64 and i + 96; scales and d are last.</remarks>
public readonly struct Q6_K : IGroupedIntegerFormat<Q6_K>
{
    private const int UpperAt = 128;
    private const int ScalesAt = UpperAt + 64;
    private const int ScaleAt = ScalesAt + 16;

    /// <inheritdoc/>
    public static string Name => "Q6_K";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 210;

    static int IGroupedFormat.GroupLength => 16;

    static int IIntegerFormat.QuantBits => 6;

    static int IIntegerFormat.Offset => 32;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q6_K>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q6_K>(blocks, values);

    /// <summary>Stores each block with scales searched for the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 210] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q6_K>(blocks.Length, values.Length);
        Span<sbyte> scales = stackalloc sbyte[16];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            LinearBlock<SignedSixBits>.Encode(values[..BlockLength], 16, -128, blocks[ScaleAt..], scales, q);
            MemoryMarshal.AsBytes(scales).CopyTo(blocks[ScalesAt..]);
            for (int i = 0; i < 64; i++)
            {
                // Of each half four values, 32 apart.
                int half = i / 32, place = i % 32, first = (half * 128) + place;
                int a = q[first] + 32, b = q[first + 32] + 32, c = q[first + 64] + 32, e = q[first + 96] + 32;
                blocks[(half * 64) + place] = (byte)((a & 0xF) | ((c & 0xF) << 4));
                blocks[(half * 64) + place + 32] = (byte)((b & 0xF) | ((e & 0xF) << 4));
                blocks[UpperAt + i] = (byte)((a >> 4) | (b >> 4 << 2) | (c >> 4 << 4) | (e >> 4 << 6));
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q6_K>(blocks, x);

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y)
    {
        if (IntegerRowDotK.IsSupported)
            IntegerRowDotK.Q6_K(rows, count, x, columns / BlockLength, y);
        else
            GroupedIntegerRow.Dots<Q6_K>(rows, count, x, columns, y);
    }

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        float d = Block32.Scale(ref block[ScaleAt]);
        for (int g = 0; g < 16; g++)
        {
            scales[g] = d * (sbyte)block[ScalesAt + g];
            minimums[g] = 0;
        }
        if (!Vector256.IsHardwareAccelerated)
        {
            Unpack128(block, q);
            return;
        }
        Vector256<byte> low = Vector256.Create((byte)0xF), high = Vector256.Create((byte)0x30);
        Vector256<sbyte> offset = Vector256.Create((sbyte)32);
        for (int half = 0; half < 2; half++, q += 128)
        {
            Vector256<byte> first = Vector256.Load(block + (64 * half)), second = Vector256.Load(block + (64 * half) + 32);
            Vector256<byte> upper = Vector256.Load(block + UpperAt + (32 * half));
            (((first & low) | (Vector256.ShiftLeft(upper, 4) & high)).AsSByte() - offset).Store(q);
            (((second & low) | (Vector256.ShiftLeft(upper, 2) & high)).AsSByte() - offset).Store(q + 32);
            ((Vector256.ShiftRightLogical(first, 4) | (upper & high)).AsSByte() - offset).Store(q + 64);
            ((Vector256.ShiftRightLogical(second, 4) | (Vector256.ShiftRightLogical(upper, 2) & high)).AsSByte() - offset).Store(q + 96);
        }
    }

    private static unsafe void Unpack128(byte* block, sbyte* q)
    {
        Vector128<byte> low = Vector128.Create((byte)0xF), high = Vector128.Create((byte)0x30);
        Vector128<sbyte> offset = Vector128.Create((sbyte)32);
        byte* upperBits = block + UpperAt;
        for (int i = 0; i < 4; i++, block += 16, upperBits += 16, q += 16)
        {
            if (i == 2)
            {
                block += 32;
                q += 96;
            }
            Vector128<byte> first = Vector128.Load(block), second = Vector128.Load(block + 32), upper = Vector128.Load(upperBits);
            (((first & low) | (Vector128.ShiftLeft(upper, 4) & high)).AsSByte() - offset).Store(q);
            (((second & low) | (Vector128.ShiftLeft(upper, 2) & high)).AsSByte() - offset).Store(q + 32);
            ((Vector128.ShiftRightLogical(first, 4) | (upper & high)).AsSByte() - offset).Store(q + 64);
            ((Vector128.ShiftRightLogical(second, 4) | (Vector128.ShiftRightLogical(upper, 2) & high)).AsSByte() - offset).Store(q + 96);
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int half = place / 128, within = place % 128;
        int pair = block[(64 * half) + (within % 64)];
        int nibble = within < 64 ? pair & 0xF : pair >> 4;
        int upper = (block[UpperAt + (32 * half) + (within % 32)] >> (within / 32 * 2)) & 3;
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block[ScaleAt..]) * (sbyte)block[ScalesAt + (place / 16)] * ((nibble | (upper << 4)) - 32);
    }
}
