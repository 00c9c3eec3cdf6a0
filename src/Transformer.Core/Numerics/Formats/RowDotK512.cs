using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Dot products of rows of K-quants with floats on 512-bit vectors; see <see cref="RowDot512"/>.</summary>
[SkipLocalsInit]
internal static unsafe class RowDotK512
{
    private const int Ahead = 1536;

    public static bool IsSupported => Avx512BW.IsSupported && Avx512DQ.IsSupported;

    /// <summary>Q4_K: the sixteen weights that a group can have make a table, from which its nibbles pick.</summary>
    public static float Q4_K(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return Q4_K(row, input, x.Length / 256);
    }

    /// <summary>Q6_K: the six bits of 64 values are put together at once, then widened sixteen by sixteen.</summary>
    public static float Q6_K(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return Q6_K(row, input, x.Length / 256);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q4_K(byte* block, float* x, nint blocks)
    {
        float* scales = stackalloc float[32];
        float* minimums = scales + 16;
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint i = 0; i < blocks; i++, block += 144, x += 256)
        {
            Sse.Prefetch0(block + Ahead);
            Sse.Prefetch0(block + Ahead + 64);
            Sse.Prefetch0(block + Ahead + 128);
            SixBitScales.Unpack(block + 4, out ulong s, out ulong m);
            Vector512<float> whole = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Create(s, m).AsByte()));
            (whole * Vector512.Create(Block32.Scale(ref *block))).Store(scales);
            (whole * Vector512.Create(-Block32.Scale(ref block[2]))).Store(minimums);

            // Written out, without a loop; the minimums stand behind the eight scales.
            s0 = Low(Table(scales, minimums + 8), block + 16, x, s0);
            s1 = High(Table(scales + 1, minimums + 9), block + 16, x + 32, s1);
            s2 = Low(Table(scales + 2, minimums + 10), block + 48, x + 64, s2);
            s3 = High(Table(scales + 3, minimums + 11), block + 48, x + 96, s3);
            s0 = Low(Table(scales + 4, minimums + 12), block + 80, x + 128, s0);
            s1 = High(Table(scales + 5, minimums + 13), block + 80, x + 160, s1);
            s2 = Low(Table(scales + 6, minimums + 14), block + 112, x + 192, s2);
            s3 = High(Table(scales + 7, minimums + 15), block + 112, x + 224, s3);
        }
        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q6_K(byte* block, float* x, nint blocks)
    {
        float* scales = stackalloc float[16];
        Vector512<byte> low = Vector512.Create((byte)0xF), high = Vector512.Create((byte)0x30);
        Vector512<sbyte> offset = Vector512.Create((sbyte)32);
        Vector512<ushort> left = Vector512.Create(Vector256.Create((ushort)4), Vector256.Create((ushort)2));
        Vector512<ushort> right = Vector512.Create(Vector256<ushort>.Zero, Vector256.Create((ushort)2));
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint i = 0; i < blocks; i++, block += 210)
        {
            Sse.Prefetch0(block + Ahead);
            Sse.Prefetch0(block + Ahead + 64);
            Sse.Prefetch0(block + Ahead + 128);
            Sse.Prefetch0(block + Ahead + 192);
            (Widen(Vector128.Load((sbyte*)block + 192)) * Vector512.Create(Block32.Scale(ref block[208]))).Store(scales);
            for (nint half = 0; half < 2; half++, x += 128)
            {
                // Of the four values whose upper bits share a byte, two are in the lower and two in the upper nibbles.
                Vector512<byte> pairs = Vector512.Load(block + (64 * half));
                Vector512<ushort> upper = Twice(block + 128 + (32 * half));
                Vector512<sbyte> first = ((pairs & low) | (Avx512BW.ShiftLeftLogicalVariable(upper, left).AsByte() & high)).AsSByte() - offset;
                Vector512<sbyte> second = ((Avx512BW.ShiftRightLogical(pairs.AsUInt16(), 4).AsByte() & low) | (Avx512BW.ShiftRightLogicalVariable(upper, right).AsByte() & high)).AsSByte() - offset;
                float* scale = scales + (8 * half);
                s0 = Avx512F.FusedMultiplyAdd(Widen(first.GetLower().GetLower()) * Vector512.Create(scale[0]), Vector512.Load(x), s0);
                s1 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(first.AsInt64(), 1).AsSByte()) * Vector512.Create(scale[1]), Vector512.Load(x + 16), s1);
                s2 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(first.AsInt64(), 2).AsSByte()) * Vector512.Create(scale[2]), Vector512.Load(x + 32), s2);
                s3 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(first.AsInt64(), 3).AsSByte()) * Vector512.Create(scale[3]), Vector512.Load(x + 48), s3);
                s0 = Avx512F.FusedMultiplyAdd(Widen(second.GetLower().GetLower()) * Vector512.Create(scale[4]), Vector512.Load(x + 64), s0);
                s1 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(second.AsInt64(), 1).AsSByte()) * Vector512.Create(scale[5]), Vector512.Load(x + 80), s1);
                s2 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(second.AsInt64(), 2).AsSByte()) * Vector512.Create(scale[6]), Vector512.Load(x + 96), s2);
                s3 = Avx512F.FusedMultiplyAdd(Widen(Avx512DQ.ExtractVector128(second.AsInt64(), 3).AsSByte()) * Vector512.Create(scale[7]), Vector512.Load(x + 112), s3);
            }
        }
        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Table(float* scale, float* minimum)
    {
        Vector512<float> steps = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return Avx512F.FusedMultiplyAdd(steps, Vector512.Create(*scale), Vector512.Create(*minimum));
    }

    /// <summary>Adds the products of the lower nibbles of 32 bytes; the look-up reads the lowest four bits of a lane only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Low(Vector512<float> table, byte* q, float* x, Vector512<float> sum)
    {
        sum = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(table, Pairs(q)), Vector512.Load(x), sum);
        return Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(table, Pairs(q + 16)), Vector512.Load(x + 16), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> High(Vector512<float> table, byte* q, float* x, Vector512<float> sum)
    {
        sum = Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(table, Avx512F.ShiftRightLogical(Pairs(q), 4)), Vector512.Load(x), sum);
        return Avx512F.FusedMultiplyAdd(Avx512F.PermuteVar16x32(table, Avx512F.ShiftRightLogical(Pairs(q + 16), 4)), Vector512.Load(x + 16), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Pairs(byte* q) => Avx512F.ConvertToVector512Int32(Vector128.Load(q));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector128<sbyte> q) => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(q));

    // .NET 10.0 encodes Avx512F.BroadcastVector256ToVector512 with the wrong offset where the address has one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Twice(byte* bytes)
    {
        Vector256<ushort> half = Vector256.Load((ushort*)bytes);
        return Vector512.Create(half, half);
    }
}
