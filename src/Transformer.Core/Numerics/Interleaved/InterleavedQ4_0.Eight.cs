using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

internal readonly unsafe partial struct InterleavedQ4_0
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots8(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        nint four = 4 * stride;
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            byte* q = x.Quants, d = (byte*)x.Scales, offset = (byte*)x.NegatedEights;
            for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, q += 32, d += sizeof(float), offset += sizeof(int))
            {
                Prefetch(group + Ahead);
                Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
                Step(group, q, stride, low, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
                Step(group + 64, q + 4, stride, low, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
                Step(group + 128, q + 8, stride, low, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
                Step(group + 192, q + 12, stride, low, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
                Vector512<float> scale = Interleaving.Halves(group + ScalesAt);
                Add(ref s0, ref s1, ref s2, ref s3, a0, a1, a2, a3, ones, scale, offset, d, stride);
                Add(ref s4, ref s5, ref s6, ref s7, a4, a5, a6, a7, ones, scale, offset + four, d + four, stride);
            }
            Interleaving.Store(s0, s1, s2, s3, y, yStride);
            Interleaving.Store(s4, s5, s6, s7, y + (4 * yStride), yStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(byte* w, byte* q, nint stride, Vector512<byte> low, ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3, ref Vector512<short> a4, ref Vector512<short> a5, ref Vector512<short> a6, ref Vector512<short> a7)
    {
        Vector512<byte> pairs = Vector512.Load(w), lower = pairs & low, upper = Interleaving.Upper(pairs, low);
        byte* behind = q + (4 * stride);
        Interleaving.Meet(lower, q, stride, ref a0, ref a1, ref a2, ref a3);
        Interleaving.Meet(lower, behind, stride, ref a4, ref a5, ref a6, ref a7);
        Interleaving.Meet(upper, q + 16, stride, ref a0, ref a1, ref a2, ref a3);
        Interleaving.Meet(upper, behind + 16, stride, ref a4, ref a5, ref a6, ref a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<float> s0, ref Vector512<float> s1, ref Vector512<float> s2, ref Vector512<float> s3, Vector512<short> a0, Vector512<short> a1, Vector512<short> a2, Vector512<short> a3, Vector512<short> ones, Vector512<float> scale, byte* offset, byte* d, nint stride)
    {
        s0 = Add(s0, a0, ones, scale, offset, d);
        s1 = Add(s1, a1, ones, scale, offset + stride, d + stride);
        s2 = Add(s2, a2, ones, scale, offset + (2 * stride), d + (2 * stride));
        s3 = Add(s3, a3, ones, scale, offset + (3 * stride), d + (3 * stride));
    }
}
