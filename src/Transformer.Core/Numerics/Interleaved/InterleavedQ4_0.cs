using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>
/// Sixteen rows of <see cref="Q4_0"/>, block after block: 256 bytes of nibbles, then the sixteen scales. Vector v of the
/// nibbles holds the bytes 4v to 4v + 3 of every row, so that its lower nibbles meet the activations 4v to 4v + 3 and
/// its upper ones those 16 further.
/// </summary>
/// <remarks>One stream: with scales apart from nibbles, even if vectors are then aligned, memory delivers a fifth less.</remarks>
internal readonly unsafe partial struct InterleavedQ4_0 : IInterleavedFormat<Q4_0>
{
    private const int RowBlockBytes = 18;
    private const int ScalesAt = 256;
    private const int BlockBytes = Interleaving.Rows * RowBlockBytes;
    private const int Ahead = 4096;

    public static bool IsSupported => Avx512BW.IsSupported;

    public static bool AreScalesFinite(byte* row, nint blocks) => Interleaving.AreFinite(row, RowBlockBytes, blocks);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(byte* rows, nint rowBytes, nint blocks, byte* group)
    {
        for (nint block = 0; block < blocks; block++, group += BlockBytes, rows += RowBlockBytes)
        {
            for (nint row = 0; row < Interleaving.Rows; row++)
            {
                byte* source = rows + (row * rowBytes);
                ((short*)(group + ScalesAt))[row] = *(short*)source;
                Interleaving.Spread((int*)(source + 2), (int*)group + row, 4);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(byte* group, nint row, nint count, byte* target)
    {
        for (nint block = 0; block < count; block++, group += BlockBytes, target += RowBlockBytes)
        {
            *(short*)target = ((short*)(group + ScalesAt))[row];
            Interleaving.Collect((int*)group + row, (int*)(target + 2), 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* group, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();

        // Two streams at once: memory delivers more than one of them can ask for.
        byte* other = group + (count / 2 * blocks * BlockBytes);
        float* half = y + (count / 2 * Interleaving.Rows);
        nint rest = (nint)(half - y);
        for (float* last = half; y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum = default, otherSum = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales;
            int* offset = x.NegatedEights;
            for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, other += BlockBytes, q += 32, d++, offset++)
            {
                sum = AddBlock(sum, group, q, d, offset, low, ones);
                otherSum = AddBlock(otherSum, other, q, d, offset, low, ones);
            }
            sum.Store(y);
            otherSum.Store(y + rest);
        }
        if (count % 2 == 0)
            return;
        Vector512<float> odd = default;
        for (nint block = 0; block < blocks; block++)
            odd = AddBlock(odd, other + (block * BlockBytes), (sbyte*)x.Quants + (block * 32), x.Scales + block, x.NegatedEights + block, low, ones);
        odd.Store(y + rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            byte* q = x.Quants, d = (byte*)x.Scales, offset = (byte*)x.NegatedEights;
            for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, q += 32, d += sizeof(float), offset += sizeof(int))
            {
                Prefetch(group + Ahead);
                Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default;
                Step(group, q, stride, low, ref a0, ref a1, ref a2, ref a3);
                Step(group + 64, q + 4, stride, low, ref a0, ref a1, ref a2, ref a3);
                Step(group + 128, q + 8, stride, low, ref a0, ref a1, ref a2, ref a3);
                Step(group + 192, q + 12, stride, low, ref a0, ref a1, ref a2, ref a3);
                Vector512<float> scale = Interleaving.Halves(group + ScalesAt);
                s0 = Add(s0, a0, ones, scale, offset, d);
                s1 = Add(s1, a1, ones, scale, offset + stride, d + stride);
                s2 = Add(s2, a2, ones, scale, offset + (2 * stride), d + (2 * stride));
                s3 = Add(s3, a3, ones, scale, offset + (3 * stride), d + (3 * stride));
            }
            s0.Store(y);
            s1.Store(y + yStride);
            s2.Store(y + (2 * yStride));
            s3.Store(y + (3 * yStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddBlock(Vector512<float> sum, byte* block, sbyte* q, float* d, int* offset, Vector512<byte> low, Vector512<short> ones)
    {
        Prefetch(block + Ahead);
        Vector512<short> lower = default, upper = default;
        Step(block, q, low, ref lower, ref upper);
        Step(block + 64, q + 4, low, ref lower, ref upper);
        Step(block + 128, q + 8, low, ref lower, ref upper);
        Step(block + 192, q + 12, low, ref lower, ref upper);
        return Add(sum, lower + upper, ones, Interleaving.Halves(block + ScalesAt), (byte*)offset, (byte*)d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* block)
    {
        Sse.Prefetch0(block);
        Sse.Prefetch0(block + 64);
        Sse.Prefetch0(block + 128);
        Sse.Prefetch0(block + 192);
        Sse.Prefetch0(block + 256);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(byte* w, sbyte* q, Vector512<byte> low, ref Vector512<short> lower, ref Vector512<short> upper)
    {
        Vector512<byte> pairs = Vector512.Load(w);
        lower += Avx512BW.MultiplyAddAdjacent(pairs & low, Interleaving.Four(q));
        upper += Avx512BW.MultiplyAddAdjacent(Interleaving.Upper(pairs, low), Interleaving.Four(q + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(byte* w, byte* q, nint stride, Vector512<byte> low, ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3)
    {
        Vector512<byte> pairs = Vector512.Load(w), lower = pairs & low, upper = Interleaving.Upper(pairs, low);
        Interleaving.Meet(lower, q, stride, ref a0, ref a1, ref a2, ref a3);
        Interleaving.Meet(upper, q + 16, stride, ref a0, ref a1, ref a2, ref a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<short> pairs, Vector512<short> ones, Vector512<float> scale, byte* offset, byte* d)
    {
        Vector512<int> products = Avx512BW.MultiplyAddAdjacent(pairs, ones) + Vector512.Create(*(int*)offset);
        return Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products), scale * Vector512.Create(*(float*)d), sum);
    }
}
