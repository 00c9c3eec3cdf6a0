using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The upper 16 bits of 32-bit floats, little-endian: 8 bits of exponent, 7 of fraction.</summary>
public readonly struct BFloat16 : IBlockFormat
{
    /// <inheritdoc/>
    public static string Name => "BF16";

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(ushort);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<BFloat16>(blocks.Length, values.Length);
        int done = RowDecode512.IsSupported ? RowDecode512.BFloat16(blocks, values) : 0;
        SixteenBitRow.Decode<Bits>(blocks[(done * sizeof(ushort))..], values[done..]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<BFloat16>(blocks.Length, values.Length);
        SixteenBitRow.DecodeScalar<Bits>(blocks, values);
    }

    /// <summary>Rounds to the nearest value, ties to the even one, as ggml does; a NaN stays one and becomes quiet.</summary>
    /// <param name="values">[n].</param>
    /// <param name="blocks">[2·n] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<BFloat16>(blocks.Length, values.Length);
        Span<ushort> bits = MemoryMarshal.Cast<byte, ushort>(blocks);
        for (int i = 0; i < values.Length; i++)
        {
            uint value = BitConverter.SingleToUInt32Bits(values[i]);
            bits[i] = float.IsNaN(values[i])
                ? (ushort)((value >> 16) | 0x40)
                : (ushort)((value + 0x7FFF + ((value >> 16) & 1)) >> 16);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        BlockSpans.Validate<BFloat16>(blocks.Length, x.Length);
        return RowDot512.IsSupported ? Dot512(blocks, x) : SixteenBitRow.Dot<Bits>(blocks, x);
    }

    private static unsafe float Dot512(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
        {
            float sum = RowDot512.BFloat16((ushort*)row, input, x.Length, out nint done);
            for (; done < x.Length; done++)
                sum += Bits.Widen(((ushort*)row)[done]) * input[done];
            return sum;
        }
    }

    private readonly struct Bits : ISixteenBitFloat
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Widen(Vector<uint> bits) => Vector.AsVectorSingle(Vector.ShiftLeft(bits, 16));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
    }
}
