using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Decodes whole blocks with 512-bit vectors: what a product for many tokens does once with each row. The same bits
/// as the formats' scalar references.
/// </summary>
internal static unsafe class RowDecode512
{
    public static bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported;

    /// <summary>16-bit IEEE floats.</summary>
    /// <returns>How many values are done: whole vectors.</returns>
    public static int Float16(ReadOnlySpan<byte> bits, Span<float> values)
    {
        fixed (byte* row = bits)
        fixed (float* target = values)
            return Float16((short*)row, target, values.Length & ~15);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Float16(short* bits, float* values, int length)
    {
        // One look for infinity and NaN a few vectors, then the long way.
        const byte largestMagnitude = 0b1011;
        Vector512<float> infinite = Vector512.Create(Half512.Infinite);
        for (int start = 0; start < length;)
        {
            int end = Math.Min(start + 128, length);
            Vector512<float> even = default, odd = default, third = default, fourth = default;
            int i = start;
            for (; i <= end - 64; i += 64)
            {
                even = Avx512DQ.Range(even, Widen(bits + i, values + i), largestMagnitude);
                odd = Avx512DQ.Range(odd, Widen(bits + i + 16, values + i + 16), largestMagnitude);
                third = Avx512DQ.Range(third, Widen(bits + i + 32, values + i + 32), largestMagnitude);
                fourth = Avx512DQ.Range(fourth, Widen(bits + i + 48, values + i + 48), largestMagnitude);
            }
            for (; i < end; i += 16)
                even = Avx512DQ.Range(even, Widen(bits + i, values + i), largestMagnitude);
            if (Vector512.GreaterThanOrEqualAny(Vector512.MaxNative(Vector512.MaxNative(even, odd), Vector512.MaxNative(third, fourth)), infinite))
                for (int k = start; k < end; k++)
                    values[k] = (float)BitConverter.Int16BitsToHalf(bits[k]);
            start = end;
        }
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(short* bits, float* values)
    {
        Vector512<float> value = Half512.Widen(bits);
        value.Store(values);
        return value;
    }

    /// <summary>The upper halves of floats.</summary>
    /// <returns>How many values are done: whole vectors.</returns>
    public static int BFloat16(ReadOnlySpan<byte> bits, Span<float> values)
    {
        fixed (byte* row = bits)
        fixed (float* target = values)
            return BFloat16((short*)row, target, values.Length & ~15);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int BFloat16(short* bits, float* values, int length)
    {
        for (int i = 0; i < length; i += 16)
            Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load(bits + i)), 16).AsSingle().Store(values + i);
        return length;
    }

}
