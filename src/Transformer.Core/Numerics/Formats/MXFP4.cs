using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a power of two and 16 bytes of four-bit floats (a sign, two bits of exponent, one of fraction). 4.25 bits a value.</summary>
/// <remarks>OCP Microscaling Formats 1.0; ggml's <c>block_mxfp4</c>: 17 bytes, the exponent e first. Value j is the lower nibble of byte j, value j + 16 the upper one; value = 2^(e - 128)·level, where the levels are twice the four-bit floats, so that they are whole.</remarks>
public readonly struct MXFP4 : IGroupedFormat
{
    private const int NibblesAt = 1;

    /// <summary>2^(2 + 1): twice the exponent of the largest level.</summary>
    private const int LargestExponent = 3;

    /// <inheritdoc/>
    public static string Name => "MXFP4";

    /// <inheritdoc/>
    public static int BlockLength => 32;

    /// <inheritdoc/>
    public static int BlockBytes => 17;

    static int IGroupedFormat.GroupLength => 32;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<MXFP4>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<MXFP4>(blocks, values);

    /// <summary>Stores each block with the power of two that gives the smallest squared error.</summary>
    /// <param name="values">[n], n a multiple of 32. NaN is stored as 0, what passes ±65504 as that.</param>
    /// <param name="blocks">[n / 32 · 17] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static unsafe void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<MXFP4>(blocks.Length, values.Length);
        Span<float> block = stackalloc float[BlockLength];
        Span<sbyte> q = stackalloc sbyte[BlockLength];
        float* candidates = stackalloc float[2 * ScaleSearch<FourBitFloats>.Lanes], zeros = candidates + ScaleSearch<FourBitFloats>.Lanes;
        Unsafe.InitBlock(zeros, 0, sizeof(float) * (uint)ScaleSearch<FourBitFloats>.Lanes);
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            BlockInput.Copy(values, block);
            float largest = 0;
            foreach (float value in block)
                largest = Math.Max(largest, MathF.Abs(value));

            // Among the powers of two around that of the largest value the one with the smallest error.
            int exponent = largest > 0 ? Math.ILogB(largest) - LargestExponent + 128 : 0;
            for (int i = 0; i < ScaleSearch<FourBitFloats>.Lanes; i++)
                candidates[i] = Power(Math.Clamp(exponent + (i % 3) - 1, 0, 254));
            int chosen = largest > 0 ? ScaleSearch<FourBitFloats>.Best(block, candidates, zeros) : 0;
            blocks[0] = (byte)Math.Clamp(exponent + (chosen % 3) - 1, 0, 254);
            ScaleSearch<FourBitFloats>.Quantize(block, candidates[chosen], 0, q);
            LevelTable.Pack(q, FourBitFloats.Table, blocks[NibblesAt..]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<MXFP4>(blocks, x);

    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Power(*block);
        *minimums = 0;
        LevelTable.Unpack(block + NibblesAt, FourBitFloats.Vector, q);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        int pair = block[NibblesAt + (place % 16)];
        return Power(block[0]) * FourBitFloats.Table[place < 16 ? pair & 0xF : pair >> 4];
    }

    // 2^(e - 128); the two smallest are subnormal.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Power(int e) => BitConverter.Int32BitsToSingle(e < 2 ? 0x0020_0000 << e : (e - 1) << 23);
}
