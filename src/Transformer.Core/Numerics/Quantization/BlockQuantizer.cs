using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Quantization;

/// <summary>
/// Rounds a block of 32 activations to integers and a scale: scale = largest magnitude / limit, q = x / scale to the
/// nearest, ties to even. Infinity and NaN give a scale of NaN, so that they are not lost; blocks smaller than any
/// activation of a model count as zeros.
/// </summary>
internal static unsafe class BlockQuantizer
{
    /// <summary>Values of a block.</summary>
    public const int Length = 32;

    /// <summary>Largest magnitude of an 8-bit integer; -128 is not used.</summary>
    public const int Int8Limit = 127;

    /// <summary>Largest magnitude of a 16-bit integer.</summary>
    public const int Int16Limit = 32767;

    private const float Smallest = 1e-30f;
    private const int Infinity = 0x7F80_0000;
    private const int Magnitude = 0x7FFF_FFFF;

    /// <summary>Whether this processor has the instructions that make products of integers faster than those of floats.</summary>
    public static bool IsSupported => Avx2.IsSupported || Products128.IsSupported;

    /// <summary>32 floats to 32 signed bytes; returns the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Int8(float* x, sbyte* q)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<float> low = Vector512.Load(x), high = Vector512.Load(x + 16);
            float scale = Scale(Largest(low, high), Int8Limit, out float inverse);
            Avx512F.ConvertToVector128SByte(Avx512F.ConvertToVector512Int32(low * inverse)).Store(q);
            Avx512F.ConvertToVector128SByte(Avx512F.ConvertToVector512Int32(high * inverse)).Store(q + 16);
            return scale;
        }
        if (Avx2.IsSupported)
        {
            float scale = Scale(Largest256(x), Int8Limit, out float inverse);
            Vector256<short> low = Round256(x, inverse), high = Round256(x + 16, inverse);
            Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsSByte().Store(q);
            return scale;
        }
        if (Products128.IsSupported)
        {
            float scale = Scale(Largest128(x), Int8Limit, out float inverse);
            Vector128.NarrowWithSaturation(Round128(x, inverse), Round128(x + 8, inverse)).Store(q);
            Vector128.NarrowWithSaturation(Round128(x + 16, inverse), Round128(x + 24, inverse)).Store(q + 16);
            return scale;
        }
        return Int8Scalar(x, q);
    }

    /// <summary>32 floats to 32 signed 16-bit integers; returns the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Int16(float* x, short* q)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<float> low = Vector512.Load(x), high = Vector512.Load(x + 16);
            float scale = Scale(Largest(low, high), Int16Limit, out float inverse);
            Avx512F.ConvertToVector256Int16(Avx512F.ConvertToVector512Int32(low * inverse)).Store(q);
            Avx512F.ConvertToVector256Int16(Avx512F.ConvertToVector512Int32(high * inverse)).Store(q + 16);
            return scale;
        }
        if (Avx2.IsSupported)
        {
            float scale = Scale(Largest256(x), Int16Limit, out float inverse);
            Round256(x, inverse).Store(q);
            Round256(x + 16, inverse).Store(q + 16);
            return scale;
        }
        if (Products128.IsSupported)
        {
            float scale = Scale(Largest128(x), Int16Limit, out float inverse);
            for (int i = 0; i < Length; i += 8)
                Round128(x + i, inverse).Store(q + i);
            return scale;
        }
        return Int16Scalar(x, q);
    }

    /// <summary>The scalar reference of <see cref="Int8"/>.</summary>
    public static float Int8Scalar(float* x, sbyte* q)
    {
        float scale = Scale(LargestScalar(x), Int8Limit, out float inverse);
        for (int i = 0; i < Length; i++)
            q[i] = (sbyte)MathF.Round(float.IsNaN(scale) ? 0 : x[i] * inverse, MidpointRounding.ToEven);
        return scale;
    }

    /// <summary>The scalar reference of <see cref="Int16"/>.</summary>
    public static float Int16Scalar(float* x, short* q)
    {
        float scale = Scale(LargestScalar(x), Int16Limit, out float inverse);
        for (int i = 0; i < Length; i++)
            q[i] = (short)MathF.Round(float.IsNaN(scale) ? 0 : x[i] * inverse, MidpointRounding.ToEven);
        return scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Scale(int largest, int limit, out float inverse)
    {
        float value = BitConverter.Int32BitsToSingle(largest);
        bool usable = largest < Infinity && value >= Smallest;
        inverse = usable ? limit / value : 0;
        return largest >= Infinity ? float.NaN : usable ? value / limit : 0;
    }

    // Without their sign, floats order as integers do, NaN above all.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector512<float> low, Vector512<float> high)
    {
        Vector512<int> mask = Vector512.Create(Magnitude);
        Vector512<int> all = Avx512F.Max(low.AsInt32() & mask, high.AsInt32() & mask);
        return Largest(Avx2.Max(all.GetLower(), all.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest256(float* x)
    {
        Vector256<int> mask = Vector256.Create(Magnitude);
        return Largest(Avx2.Max(
            Avx2.Max(Vector256.Load((int*)x) & mask, Vector256.Load((int*)x + 8) & mask),
            Avx2.Max(Vector256.Load((int*)x + 16) & mask, Vector256.Load((int*)x + 24) & mask)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest(Vector256<int> all)
    {
        Vector128<int> half = Sse41.Max(all.GetLower(), all.GetUpper());
        half = Sse41.Max(half, Sse2.Shuffle(half, 0b01_00_11_10));
        return Sse41.Max(half, Sse2.Shuffle(half, 0b10_11_00_01)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest128(float* x)
    {
        Vector128<int> all = default;
        for (int i = 0; i < Length; i += 4)
            all = Vector128.Max(all, Vector128.Load((int*)x + i) & Vector128.Create(Magnitude));
        all = Vector128.Max(all, Vector128.Shuffle(all, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(all.ToScalar(), all.GetElement(1));
    }

    private static int LargestScalar(float* x)
    {
        int largest = 0;
        for (int i = 0; i < Length; i++)
            largest = Math.Max(largest, BitConverter.SingleToInt32Bits(x[i]) & Magnitude);
        return largest;
    }

    /// <summary>16 floats to 16 integers, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Round256(float* x, float inverse)
    {
        Vector256<int> low = Avx.ConvertToVector256Int32(Vector256.Load(x) * inverse);
        Vector256<int> high = Avx.ConvertToVector256Int32(Vector256.Load(x + 8) * inverse);
        return Avx2.Permute4x64(Avx2.PackSignedSaturate(low, high).AsInt64(), 0b11_01_10_00).AsInt16();
    }

    /// <summary>8 floats to 8 integers, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Round128(float* x, float inverse) => Vector128.NarrowWithSaturation(
        Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x) * inverse)), Vector128.ConvertToInt32Native(Vector128.Round(Vector128.Load(x + 4) * inverse)));
}
