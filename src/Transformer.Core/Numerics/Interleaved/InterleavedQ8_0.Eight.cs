using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

internal readonly unsafe partial struct InterleavedQ8_0
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots8(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        nint four = 4 * stride;
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            byte* q = x.Quants, d = (byte*)x.Scales;
            for (byte* end = group + (blocks * BlockBytes); group < end; q += 64, d += sizeof(float), group += 32)
            {
                Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
                for (byte* stop = group + ScalesAt; group < stop; group += 32, q += 4)
                {
                    Sse.Prefetch0(group + Ahead);
                    Vector512<short> w = Quants(group);
                    byte* behind = q + four;
                    a0 += Avx512BW.MultiplyAddAdjacent(w, Two(q));
                    a1 += Avx512BW.MultiplyAddAdjacent(w, Two(q + stride));
                    a2 += Avx512BW.MultiplyAddAdjacent(w, Two(q + (2 * stride)));
                    a3 += Avx512BW.MultiplyAddAdjacent(w, Two(q + (3 * stride)));
                    a4 += Avx512BW.MultiplyAddAdjacent(w, Two(behind));
                    a5 += Avx512BW.MultiplyAddAdjacent(w, Two(behind + stride));
                    a6 += Avx512BW.MultiplyAddAdjacent(w, Two(behind + (2 * stride)));
                    a7 += Avx512BW.MultiplyAddAdjacent(w, Two(behind + (3 * stride)));
                }
                q -= 64;
                Vector512<float> scale = Interleaving.Halves(group);
                Add(ref s0, ref s1, ref s2, ref s3, a0, a1, a2, a3, scale, d, stride);
                Add(ref s4, ref s5, ref s6, ref s7, a4, a5, a6, a7, scale, d + four, stride);
            }
            Interleaving.Store(s0, s1, s2, s3, y, yStride);
            Interleaving.Store(s4, s5, s6, s7, y + (4 * yStride), yStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<float> s0, ref Vector512<float> s1, ref Vector512<float> s2, ref Vector512<float> s3, Vector512<int> a0, Vector512<int> a1, Vector512<int> a2, Vector512<int> a3, Vector512<float> scale, byte* d, nint stride)
    {
        s0 = Add(s0, a0, scale, d);
        s1 = Add(s1, a1, scale, d + stride);
        s2 = Add(s2, a2, scale, d + (2 * stride));
        s3 = Add(s3, a3, scale, d + (3 * stride));
    }
}
