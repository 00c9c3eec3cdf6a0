using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>What <see cref="IntegerRowDot"/> is to Q4_0 and Q8_0, to the blocks of 256 that Q4_K_M files are made of; 512-bit vectors.</summary>
internal static unsafe class IntegerRowDotK
{
    private const int Ahead = 8192;

    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>Q4_K: two groups a vector, their scales in its two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_K(byte* row, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<int> first = Vector512.Create(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
        Vector512<int> second = first + Vector512.Create(2), third = first + Vector512.Create(4), fourth = first + Vector512.Create(6);
        for (float* last = y + count; y < last; y++)
        {
            Vector512<float> s0 = default, s1 = default;
            Vector256<float> low = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales;
            float* totals = x.NegatedTotals;
            for (nint i = 0; i < blocks; i++, row += 144, q += 256, d += 8, totals += 8)
            {
                Sse.Prefetch0(row + Ahead);
                Sse.Prefetch0(row + Ahead + 64);
                SixBitScales.Unpack(row + 4, out ulong packedScales, out ulong packedMinimums);
                Vector128<float> pair = Block32.Pair(row);
                Vector256<float> scales = Bytes(packedScales) * Avx2.BroadcastScalarToVector256(pair) * Vector256.Load(d);
                Vector256<float> minimums = Bytes(packedMinimums) * Avx2.BroadcastScalarToVector256(Sse3.MoveHighAndDuplicate(pair));
                low = Vector256.MultiplyAddEstimate(minimums, Vector256.Load(totals), low);
                Vector512<float> wide = scales.ToVector512Unsafe();
                s0 = Avx512F.FusedMultiplyAdd(Nibbles(row + 16, q), Avx512F.PermuteVar16x32(wide, first), s0);
                s1 = Avx512F.FusedMultiplyAdd(Nibbles(row + 48, q + 64), Avx512F.PermuteVar16x32(wide, second), s1);
                s0 = Avx512F.FusedMultiplyAdd(Nibbles(row + 80, q + 128), Avx512F.PermuteVar16x32(wide, third), s0);
                s1 = Avx512F.FusedMultiplyAdd(Nibbles(row + 112, q + 192), Avx512F.PermuteVar16x32(wide, fourth), s1);
            }
            *y = IntegerRowDot.Sum(s0 + s1 + low.ToVector512());
        }
    }

    /// <summary>Q6_K: four groups a vector, four lanes each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q6_K(byte* row, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<int> first = Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        Vector512<int> second = first + Vector512.Create(4), third = first + Vector512.Create(8), fourth = first + Vector512.Create(12);
        Vector512<int> twice = Vector512.Create(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
        for (float* last = y + count; y < last; y++)
        {
            Vector512<float> s0 = default, s1 = default, low = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales;
            float* totals = x.NegatedHalfTotals;
            for (nint i = 0; i < blocks; i++, row += 210, q += 256, d += 8, totals += 16)
            {
                Sse.Prefetch0(row + Ahead);
                Sse.Prefetch0(row + Ahead + 64);
                Sse.Prefetch0(row + Ahead + 128);
                Vector512<float> scales = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)row + 192))) * Vector512.Create(Block32.Scale(ref row[208]));
                low = Avx512F.FusedMultiplyAdd(scales, Vector512.Load(totals), low);
                scales *= Avx512F.PermuteVar16x32(Vector256.Load(d).ToVector512Unsafe(), twice);
                s0 = Avx512F.FusedMultiplyAdd(Products(LowSixBits(row, row + 128), q), Avx512F.PermuteVar16x32(scales, first), s0);
                s1 = Avx512F.FusedMultiplyAdd(Products(HighSixBits(row, row + 128), q + 64), Avx512F.PermuteVar16x32(scales, second), s1);
                s0 = Avx512F.FusedMultiplyAdd(Products(LowSixBits(row + 64, row + 160), q + 128), Avx512F.PermuteVar16x32(scales, third), s0);
                s1 = Avx512F.FusedMultiplyAdd(Products(HighSixBits(row + 64, row + 160), q + 192), Avx512F.PermuteVar16x32(scales, fourth), s1);
            }
            *y = IntegerRowDot.Sum(Avx512F.FusedMultiplyAdd(low, Vector512.Create(32f), s0 + s1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Bytes(ulong packed) =>
        Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(packed).AsByte()));

    /// <summary>32 bytes: the lower nibbles are one group, the upper ones the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Nibbles(byte* packed, sbyte* q)
    {
        Vector512<ushort> shifts = Vector512.Create(Vector256<ushort>.Zero, Vector256.Create((ushort)4));
        return Products(Avx512BW.ShiftRightLogicalVariable(Twice(packed), shifts).AsByte() & Vector512.Create((byte)0xF), q);
    }

    /// <summary>32 bytes in both halves; by a shuffle, for an insertion would wait for what its register held before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Twice(byte* bytes)
    {
        Vector512<int> once = Vector256.Load((int*)bytes).ToVector512Unsafe();
        return Avx512F.Shuffle4x128(once, once, 0b01_00_01_00).AsUInt16();
    }

    /// <summary>Values 0 to 63 of half a block: lower nibbles, and two more bits from below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LowSixBits(byte* nibbles, byte* upper)
    {
        Vector512<ushort> shifts = Vector512.Create(Vector256.Create((ushort)4), Vector256.Create((ushort)2));
        Vector512<byte> bits = Avx512BW.ShiftLeftLogicalVariable(Twice(upper), shifts).AsByte();
        return (Vector512.Load(nibbles) & Vector512.Create((byte)0xF)) | (bits & Vector512.Create((byte)0x30));
    }

    /// <summary>Values 64 to 127 of half a block: upper nibbles, and two more bits from above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> HighSixBits(byte* nibbles, byte* upper)
    {
        Vector512<ushort> shifts = Vector512.Create(Vector256<ushort>.Zero, Vector256.Create((ushort)2));
        Vector512<byte> bits = Avx512BW.ShiftRightLogicalVariable(Twice(upper), shifts).AsByte();
        return (Avx512BW.ShiftRightLogical(Vector512.Load((ushort*)nibbles), 4).AsByte() & Vector512.Create((byte)0xF)) | (bits & Vector512.Create((byte)0x30));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Products(Vector512<byte> w, sbyte* q) =>
        Avx512F.ConvertToVector512Single(Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, Vector512.Load(q)), Vector512<short>.One));
}
