using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Dot products of rows of five-bit integers with floats on 512-bit vectors; see <see cref="RowDot512"/>. The weights
/// that a group can have make a table of two vectors, from which nibble and fifth bit together pick.
/// </summary>
[SkipLocalsInit]
internal static unsafe class RowDotFive512
{
    private const int Ahead = 1536;

    public static bool IsSupported => Avx512BW.IsSupported;

    private static Vector512<float> Steps => Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    // Turning the 32 fifth bits right by this brings that of a lane's value to place 4.
    private static Vector512<uint> LowTurns => Vector512.Create(28u, 29, 30, 31, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private static Vector512<uint> HighTurns => Vector512.Create(12u, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);

    public static float Q5_0(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return Q5_0(row, input, x.Length / Block32.Length);
    }

    public static float Q5_1(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return Q5_1(row, input, x.Length / Block32.Length);
    }

    public static float Q5_K(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return Q5_K(row, input, x.Length / 256);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q5_0(byte* block, float* x, nint blocks)
    {
        Vector512<float> low = Steps - Vector512.Create(16f), high = Steps, s0 = default, s1 = default;
        for (nint i = 0; i < blocks; i++, block += 22, x += 32)
        {
            Sse.Prefetch0(block + Ahead);
            Vector512<float> scale = Vector512.Create(Block32.Scale(ref *block));
            Vector512<uint> fifths = Vector512.Create(Unsafe.ReadUnaligned<uint>(block + 2));
            Vector512<int> pairs = Avx512F.ConvertToVector512Int32(Vector128.Load(block + 6));
            Vector512<float> first = Pick(low, high, pairs, Avx512F.RotateRightVariable(fifths, LowTurns)) * scale;
            Vector512<float> second = Pick(low, high, Avx512F.ShiftRightLogical(pairs, 4), Avx512F.RotateRightVariable(fifths, HighTurns)) * scale;
            s0 = Avx512F.FusedMultiplyAdd(first, Vector512.Load(x), s0);
            s1 = Avx512F.FusedMultiplyAdd(second, Vector512.Load(x + 16), s1);
        }
        return Vector512.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q5_1(byte* block, float* x, nint blocks)
    {
        Vector512<float> s0 = default, s1 = default;
        for (nint i = 0; i < blocks; i++, block += 24, x += 32)
        {
            Sse.Prefetch0(block + Ahead);
            Vector512<float> scale = Vector512.Create(Block32.Scale(ref *block)), minimum = Vector512.Create(Block32.Scale(ref block[2]));
            Vector512<float> low = Avx512F.FusedMultiplyAdd(Steps, scale, minimum), high = Avx512F.FusedMultiplyAdd(Steps + Vector512.Create(16f), scale, minimum);
            Vector512<uint> fifths = Vector512.Create(Unsafe.ReadUnaligned<uint>(block + 4));
            Vector512<int> pairs = Avx512F.ConvertToVector512Int32(Vector128.Load(block + 8));
            Vector512<float> first = Pick(low, high, pairs, Avx512F.RotateRightVariable(fifths, LowTurns));
            Vector512<float> second = Pick(low, high, Avx512F.ShiftRightLogical(pairs, 4), Avx512F.RotateRightVariable(fifths, HighTurns));
            s0 = Avx512F.FusedMultiplyAdd(first, Vector512.Load(x), s0);
            s1 = Avx512F.FusedMultiplyAdd(second, Vector512.Load(x + 16), s1);
        }
        return Vector512.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q5_K(byte* block, float* x, nint blocks)
    {
        float* scales = stackalloc float[32];
        float* minimums = scales + 16;
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint i = 0; i < blocks; i++, block += 176)
        {
            Sse.Prefetch0(block + Ahead);
            Sse.Prefetch0(block + Ahead + 64);
            Sse.Prefetch0(block + Ahead + 128);
            SixBitScales.Unpack(block + 4, out ulong s, out ulong m);
            Vector512<float> whole = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Create(s, m).AsByte()));
            (whole * Vector512.Create(Block32.Scale(ref *block))).Store(scales);
            (whole * Vector512.Create(-Block32.Scale(ref block[2]))).Store(minimums);

            // Bit g of a byte belongs to group g; each round takes two groups, and turning goes on by two.
            Vector512<uint> fifths0 = Avx512F.RotateLeft(Avx512F.ConvertToVector512UInt32(Vector128.Load(block + 16)), 4);
            Vector512<uint> fifths1 = Avx512F.RotateLeft(Avx512F.ConvertToVector512UInt32(Vector128.Load(block + 32)), 4);
            for (nint pair = 0; pair < 8; pair += 2, x += 64)
            {
                Vector512<int> q0 = Avx512F.ConvertToVector512Int32(Vector128.Load(block + 48 + (16 * pair)));
                Vector512<int> q1 = Avx512F.ConvertToVector512Int32(Vector128.Load(block + 64 + (16 * pair)));
                Vector512<float> scale = Vector512.Create(scales[pair]), minimum = Vector512.Create(minimums[8 + pair]);
                Vector512<float> low = Avx512F.FusedMultiplyAdd(Steps, scale, minimum), high = Avx512F.FusedMultiplyAdd(Steps + Vector512.Create(16f), scale, minimum);
                s0 = Avx512F.FusedMultiplyAdd(Pick(low, high, q0, fifths0), Vector512.Load(x), s0);
                s1 = Avx512F.FusedMultiplyAdd(Pick(low, high, q1, fifths1), Vector512.Load(x + 16), s1);
                scale = Vector512.Create(scales[pair + 1]);
                minimum = Vector512.Create(minimums[9 + pair]);
                low = Avx512F.FusedMultiplyAdd(Steps, scale, minimum);
                high = Avx512F.FusedMultiplyAdd(Steps + Vector512.Create(16f), scale, minimum);
                s2 = Avx512F.FusedMultiplyAdd(Pick(low, high, Avx512F.ShiftRightLogical(q0, 4), Avx512F.RotateRight(fifths0, 1)), Vector512.Load(x + 32), s2);
                s3 = Avx512F.FusedMultiplyAdd(Pick(low, high, Avx512F.ShiftRightLogical(q1, 4), Avx512F.RotateRight(fifths1, 1)), Vector512.Load(x + 48), s3);
                fifths0 = Avx512F.RotateRight(fifths0, 2);
                fifths1 = Avx512F.RotateRight(fifths1, 2);
            }
        }
        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>Place 4 of an index is a fifth bit, the places below it a nibble; those above it are not looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Pick(Vector512<float> low, Vector512<float> high, Vector512<int> nibbles, Vector512<uint> fifths) =>
        Avx512F.PermuteVar16x32x2(low, Vector512.ConditionalSelect(Vector512.Create(16), fifths.AsInt32(), nibbles), high);
}
