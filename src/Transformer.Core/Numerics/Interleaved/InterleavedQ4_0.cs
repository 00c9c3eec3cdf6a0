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
internal readonly unsafe struct InterleavedQ4_0 : IInterleavedFormat<Q4_0>
{
    private const int RowBlockBytes = 18;
    private const int ScalesAt = 256;
    private const int BlockBytes = Interleaving.Rows * RowBlockBytes;
    private const int Ahead = 8192;

    public static bool IsSupported => Avx512BW.IsSupported;

    public static bool AreScalesFinite(byte* row, nint blocks) => Interleaving.AreFinite(row, RowBlockBytes, blocks);

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

    public static void Part(byte* group, nint row, nint count, byte* target)
    {
        for (nint block = 0; block < count; block++, group += BlockBytes, target += RowBlockBytes)
        {
            *(short*)target = ((short*)(group + ScalesAt))[row];
            Interleaving.Collect((int*)group + row, (int*)(target + 2), 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* group, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<byte> low = Vector512.Create(Interleaving.LowNibbles);
        Vector512<short> ones = Vector512.Create(Interleaving.Ones).AsInt16();
        Vector512<float> sum = default;
        sbyte* q = (sbyte*)x.Quants;
        float* d = x.Scales;
        int* offset = x.NegatedEights;
        for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, q += 32, d++, offset++)
        {
            Sse.Prefetch0(group + Ahead);
            Sse.Prefetch0(group + Ahead + 64);
            Sse.Prefetch0(group + Ahead + 128);
            Sse.Prefetch0(group + Ahead + 192);
            Sse.Prefetch0(group + Ahead + 256);
            Vector512<short> lower = default, upper = default;
            Step(group, q, low, ref lower, ref upper);
            Step(group + 64, q + 4, low, ref lower, ref upper);
            Step(group + 128, q + 8, low, ref lower, ref upper);
            Step(group + 192, q + 12, low, ref lower, ref upper);
            Vector512<int> products = Avx512BW.MultiplyAddAdjacent(lower + upper, ones) + Vector512.Create(*offset);
            sum = Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products), Interleaving.Halves(group + ScalesAt) * Vector512.Create(*d), sum);
        }
        sum.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(byte* group, QuantizedRow x, nint stride, nint blocks, float* y)
    {
        Vector512<byte> low = Vector512.Create(Interleaving.LowNibbles);
        Vector512<short> ones = Vector512.Create(Interleaving.Ones).AsInt16();
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        byte* q = x.Quants;
        byte* d = (byte*)x.Scales;
        byte* offset = (byte*)x.NegatedEights;
        for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, q += 32, d += sizeof(float), offset += sizeof(int))
        {
            Sse.Prefetch0(group + Ahead);
            Sse.Prefetch0(group + Ahead + 64);
            Sse.Prefetch0(group + Ahead + 128);
            Sse.Prefetch0(group + Ahead + 192);
            Sse.Prefetch0(group + Ahead + 256);
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
        s1.Store(y + 16);
        s2.Store(y + 32);
        s3.Store(y + 48);
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
        a0 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q));
        a1 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + stride));
        a2 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + (2 * stride)));
        a3 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + (3 * stride)));
        q += 16;
        a0 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q));
        a1 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + stride));
        a2 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + (2 * stride)));
        a3 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + (3 * stride)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<short> pairs, Vector512<short> ones, Vector512<float> scale, byte* offset, byte* d)
    {
        Vector512<int> products = Avx512BW.MultiplyAddAdjacent(pairs, ones) + Vector512.Create(*(int*)offset);
        return Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products), scale * Vector512.Create(*(float*)d), sum);
    }
}
