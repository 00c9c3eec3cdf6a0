using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>16-bit IEEE floats, little-endian: 5 bits of exponent, 10 of fraction, largest value 65504.</summary>
public readonly struct Float16 : IFloatFormat
{
    /// <inheritdoc/>
    public static string Name => "F16";

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(ushort);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Float16>(blocks.Length, values.Length);
        int done = RowDecode512.IsSupported ? RowDecode512.Float16(blocks, values) : 0;
        SixteenBitRow.Decode<Bits>(blocks[(done * sizeof(ushort))..], values[done..]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Float16>(blocks.Length, values.Length);
        SixteenBitRow.DecodeScalar<Bits>(blocks, values);
    }

    /// <summary>Rounds to the nearest value, ties to the even one; beyond 65519 to infinity; a NaN stays one and becomes quiet.</summary>
    /// <param name="values">[n].</param>
    /// <param name="blocks">[2·n] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Float16>(blocks.Length, values.Length);
        TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(blocks));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        BlockSpans.Validate<Float16>(blocks.Length, x.Length);
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

        public static bool IsFiniteOnly => true;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Widen(Vector<uint> bits)
        {
            // Read as a float, the shifted bits are the value divided by 2^112, subnormals included, and a
            // multiplication by a power of two is exact. Infinity and NaN come out at 65536 and above, where no
            // finite half is: they get the exponent of their kind and, if a fraction is left, the quiet bit.
            Vector<uint> magnitude = Vector.ShiftLeft(bits & Vector.Create(0x7FFFu), 13);
            Vector<float> value = Vector.AsVectorSingle(magnitude) * Vector.Create(Block32.HalfScale);
            Vector<uint> special = Vector.AsVectorUInt32(Vector.GreaterThanOrEqual(value, Vector.Create(65536f)));
            Vector<uint> nan = Vector.AsVectorUInt32(Vector.GreaterThan(value, Vector.Create(65536f)));
            Vector<uint> sign = Vector.ShiftLeft(bits & Vector.Create(0x8000u), 16);
            return Vector.AsVectorSingle(Vector.AsVectorUInt32(value) | sign | (special & Vector.Create(0x7F80_0000u)) | (nan & Vector.Create(0x0040_0000u)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(byte* values) => Half512.Widen((short*)values);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Value(byte* value) => Widen(*(ushort*)value);
    }
}
