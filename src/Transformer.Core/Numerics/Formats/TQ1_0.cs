using System.Buffers.Binary;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 256 values of -1, 0 or 1, five in a byte, and a half d; value = d·(q - 1). 1.6875 bits a value.</summary>
/// <remarks>ggml's <c>block_tq1_0</c>: 54 bytes, little-endian. A byte is a fraction in base three: its n-th digit is the integer part of (byte·3ⁿ mod 256)·3 / 256. 32 bytes hold values i + 32·n, 16 bytes values 160 + i + 16·n, four bytes values 240 + i + 4·n (four digits); then d. For models trained with ternary weights.</remarks>
public readonly struct TQ1_0 : IGroupedFormat
{
    private const int ScaleAt = 52;

    /// <inheritdoc/>
    public static string Name => "TQ1_0";

    /// <inheritdoc/>
    public static int BlockLength => 256;

    /// <inheritdoc/>
    public static int BlockBytes => 54;

    static int IGroupedFormat.GroupLength => 256;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<TQ1_0>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<TQ1_0>(blocks, values);

    /// <summary>Stores each block with d = its largest magnitude: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 256. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 256 · 54] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<TQ1_0>(blocks.Length, values.Length);
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
                (int first, int stride, int digits) = Digits(i);
                int fraction = 0;
                for (int n = 0; n < 5; n++)
                    fraction = (fraction * 3) + (n < digits ? BlockInput.Ternary(block[first + (n * stride)] * inverse) : 0);

                // Rounded up, so that cutting off gives the digits back; 243 is 3^5.
                blocks[i] = (byte)(((fraction * 256) + 242) / 243);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<TQ1_0>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref block[ScaleAt]);
        *minimums = 0;
        for (int i = 0; i < ScaleAt; i++)
        {
            (int first, int stride, int digits) = Digits(i);
            byte fraction = block[i];
            for (int n = 0; n < digits; n++, fraction *= 3)
                q[first + (n * stride)] = (sbyte)(((fraction * 3) >> 8) - 1);
        }
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int at = place < 160 ? place % 32 : place < 240 ? 32 + ((place - 160) % 16) : 48 + ((place - 240) % 4);
        int digit = place < 160 ? place / 32 : place < 240 ? (place - 160) / 16 : (place - 240) / 4;
        byte fraction = block[at];
        for (int n = 0; n < digit; n++)
            fraction *= 3;
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block[ScaleAt..]) * (((fraction * 3) >> 8) - 1);
    }

    // The first value of a byte, the distance to its others, and how many it has.
    private static (int First, int Stride, int Digits) Digits(int at) =>
        at < 32 ? (at, 32, 5) : at < 48 ? (160 + at - 32, 16, 5) : (240 + at - 48, 4, 4);
}
