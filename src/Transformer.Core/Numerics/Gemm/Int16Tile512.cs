using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// Four rows of signed quants of at most eight bits, held in 16, times 32 or 16 tokens of signed 16-bit integers,
/// tokens in the lanes. The products of a block fit 32 bits (32 x 128 x 32767).
/// </summary>
internal static unsafe class Int16Tile512
{
    /// <summary>Rows of weights.</summary>
    public const int Rows = 4;

    /// <summary>sums[r, t] (+)= the products of some blocks; parameters as in <see cref="Int8Tile512.Compute"/>, strides of quants in bytes.</summary>
    public static void Compute(byte* quants, nint quantStride, float* scales, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
    {
        if (width == 32)
            Wide(quants, quantStride, scales, groupStride, panel, blocks, sums, sumStride, first);
        else
            Narrow(quants, quantStride, scales, groupStride, panel, blocks, sums, sumStride, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(byte* w, nint quantStride, float* scales, nint groupStride, byte* x, nint blocks, float* sums, nint sumStride, bool first)
    {
        Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
        for (nint block = 0; block < blocks; block++, scales++)
        {
            Vector512<int> i00 = default, i01 = default, i10 = default, i11 = default, i20 = default, i21 = default, i30 = default, i31 = default;
            for (nint step = 0; step < 16; step++, w += 4, x += 128)
            {
                Vector512<short> x0 = Vector512.Load((short*)x), x1 = Vector512.Load((short*)x + 32);
                Vector512<short> q = Vector512.Create(*(int*)w).AsInt16();
                i00 += Avx512BW.MultiplyAddAdjacent(q, x0);
                i01 += Avx512BW.MultiplyAddAdjacent(q, x1);
                q = Vector512.Create(*(int*)(w + quantStride)).AsInt16();
                i10 += Avx512BW.MultiplyAddAdjacent(q, x0);
                i11 += Avx512BW.MultiplyAddAdjacent(q, x1);
                q = Vector512.Create(*(int*)(w + (2 * quantStride))).AsInt16();
                i20 += Avx512BW.MultiplyAddAdjacent(q, x0);
                i21 += Avx512BW.MultiplyAddAdjacent(q, x1);
                q = Vector512.Create(*(int*)(w + (3 * quantStride))).AsInt16();
                i30 += Avx512BW.MultiplyAddAdjacent(q, x0);
                i31 += Avx512BW.MultiplyAddAdjacent(q, x1);
            }
            Vector512<float> d = Vector512.Load((float*)x);
            s00 = Add(s00, i00, d, scales);
            s10 = Add(s10, i10, d, scales + groupStride);
            s20 = Add(s20, i20, d, scales + (2 * groupStride));
            s30 = Add(s30, i30, d, scales + (3 * groupStride));
            d = Vector512.Load((float*)x + 16);
            s01 = Add(s01, i01, d, scales);
            s11 = Add(s11, i11, d, scales + groupStride);
            s21 = Add(s21, i21, d, scales + (2 * groupStride));
            s31 = Add(s31, i31, d, scales + (3 * groupStride));
            x += 128;
        }
        Store(s00, sums, first);
        Store(s01, sums + 16, first);
        Store(s10, sums + sumStride, first);
        Store(s11, sums + sumStride + 16, first);
        Store(s20, sums + (2 * sumStride), first);
        Store(s21, sums + (2 * sumStride) + 16, first);
        Store(s30, sums + (3 * sumStride), first);
        Store(s31, sums + (3 * sumStride) + 16, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(byte* w, nint quantStride, float* scales, nint groupStride, byte* x, nint blocks, float* sums, nint sumStride, bool first)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (nint block = 0; block < blocks; block++, scales++)
        {
            Vector512<int> i0 = default, i1 = default, i2 = default, i3 = default;
            for (nint step = 0; step < 16; step++, w += 4, x += 64)
            {
                Vector512<short> x0 = Vector512.Load((short*)x);
                i0 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(int*)w).AsInt16(), x0);
                i1 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(int*)(w + quantStride)).AsInt16(), x0);
                i2 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(int*)(w + (2 * quantStride))).AsInt16(), x0);
                i3 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(int*)(w + (3 * quantStride))).AsInt16(), x0);
            }
            Vector512<float> d = Vector512.Load((float*)x);
            s0 = Add(s0, i0, d, scales);
            s1 = Add(s1, i1, d, scales + groupStride);
            s2 = Add(s2, i2, d, scales + (2 * groupStride));
            s3 = Add(s3, i3, d, scales + (3 * groupStride));
            x += 64;
        }
        Store(s0, sums, first);
        Store(s1, sums + sumStride, first);
        Store(s2, sums + (2 * sumStride), first);
        Store(s3, sums + (3 * sumStride), first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<int> products, Vector512<float> d, float* scale) =>
        Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products) * d, Vector512.Create(*scale), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> value, float* sums, bool first) => (first ? value : value + Vector512.Load(sums)).Store(sums);
}
