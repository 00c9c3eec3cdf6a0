using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The upper 16 bits of 32-bit floats, little-endian: 8 bits of exponent, 7 of fraction.</summary>
public readonly struct BFloat16 : IFloatFormat
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

    static unsafe void IFloatFormat.Dots(byte* rows, int count, float* x, int columns, float* y)
    {
        if (RowDot512.IsSupported)
            RowDot512.Dots<Bits>(rows, count, x, columns, y);
        else
            SixteenBitRow.Dots<Bits>(rows, count, x, columns, y);
    }

    private static unsafe float Dot512(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return RowDot512.Dot<Bits>(row, input, x.Length);
    }

    private readonly unsafe struct Bits : ISixteenBitFloat, IStoredFloat
    {
        public static nint Bytes => sizeof(ushort);

        public static bool IsFiniteOnly => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Widen(Vector<uint> bits) => Vector.AsVectorSingle(Vector.ShiftLeft(bits, 16));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(byte* values) => Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load((ushort*)values)), 16).AsSingle();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Value(byte* value) => Widen(*(ushort*)value);
    }
}
