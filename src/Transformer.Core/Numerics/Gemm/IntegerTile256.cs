using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// What <see cref="Int8Tile512"/> and <see cref="Int16Tile512"/> do, for processors with 256-bit vectors: two rows
/// by 16 tokens, because there are only 16 registers.
/// </summary>
internal static unsafe class IntegerTile256
{
    /// <summary>Rows of weights.</summary>
    public const int Rows = 2;

    /// <summary>Parameters as in <see cref="Int8Tile512.Compute"/>.</summary>
    public static void Int8<TFormat>(byte* quants, nint quantStride, float* scales, float* minimums, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        for (nint token = 0; token < width; token += 16)
            Int8<TFormat>(quants, quantStride, scales, minimums, groupStride, panel + (token * 4), (nint)width, blocks, sums + token, sumStride, first);
    }

    /// <summary>Parameters as in <see cref="Int8Tile512.Compute"/>.</summary>
    public static void Int16(byte* quants, nint quantStride, float* scales, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
    {
        for (nint token = 0; token < width; token += 16)
            Int16(quants, quantStride, scales, groupStride, panel + (token * 4), (nint)width, blocks, sums + token, sumStride, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int8<TFormat>(byte* w, nint quantStride, float* scales, float* minimums, nint groupStride, byte* x, nint width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default;
        Vector256<short> one = Vector256<short>.One;
        nint steps = Math.Min(TFormat.GroupLength / 4, TFormat.QuantBits <= 4 ? 8 : TFormat.QuantBits == 5 ? 4 : 2);
        for (nint block = 0; block < blocks; block++)
        {
            float* tail = (float*)(x + (width * 32));
            Vector256<float> d0 = Vector256.Load(tail), d1 = Vector256.Load(tail + 8);
            Vector256<short> sums0 = Vector256.Load((short*)(tail + width)), sums1 = Vector256.Load((short*)(tail + width + 8));
            for (nint group = 0; group < 32 / TFormat.GroupLength; group++, scales++, minimums++)
            {
                Vector256<int> i00 = default, i01 = default, i10 = default, i11 = default;
                for (nint part = 0; part < TFormat.GroupLength / (4 * steps); part++)
                {
                    Vector256<short> a00 = default, a01 = default, a10 = default, a11 = default;
                    for (nint step = 0; step < steps; step++, w += 4, x += width * 4)
                    {
                        Vector256<sbyte> x0 = Vector256.Load((sbyte*)x), x1 = Vector256.Load((sbyte*)x + 32);
                        Vector256<byte> q = Vector256.Create(*(uint*)w).AsByte();
                        a00 += Avx2.MultiplyAddAdjacent(q, x0);
                        a01 += Avx2.MultiplyAddAdjacent(q, x1);
                        q = Vector256.Create(*(uint*)(w + quantStride)).AsByte();
                        a10 += Avx2.MultiplyAddAdjacent(q, x0);
                        a11 += Avx2.MultiplyAddAdjacent(q, x1);
                    }
                    i00 += Avx2.MultiplyAddAdjacent(a00, one);
                    i01 += Avx2.MultiplyAddAdjacent(a01, one);
                    i10 += Avx2.MultiplyAddAdjacent(a10, one);
                    i11 += Avx2.MultiplyAddAdjacent(a11, one);
                }
                Vector256<int> total0 = Total<TFormat>(sums0, group), total1 = Total<TFormat>(sums1, group);
                if (TFormat.Offset != 0)
                {
                    int shift = BitOperations.Log2((uint)TFormat.Offset);
                    i00 += Vector256.ShiftLeft(total0, shift);
                    i01 += Vector256.ShiftLeft(total1, shift);
                    i10 += Vector256.ShiftLeft(total0, shift);
                    i11 += Vector256.ShiftLeft(total1, shift);
                }
                s00 = Add(s00, i00, d0, scales);
                s01 = Add(s01, i01, d1, scales);
                s10 = Add(s10, i10, d0, scales + groupStride);
                s11 = Add(s11, i11, d1, scales + groupStride);
                if (TFormat.HasMinimums)
                {
                    s00 = AddLow(s00, total0, d0, minimums);
                    s01 = AddLow(s01, total1, d1, minimums);
                    s10 = AddLow(s10, total0, d0, minimums + groupStride);
                    s11 = AddLow(s11, total1, d1, minimums + groupStride);
                }
            }
            x += width * 8;
        }
        Store(s00, sums, first);
        Store(s01, sums + 8, first);
        Store(s10, sums + sumStride, first);
        Store(s11, sums + sumStride + 8, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int16(byte* w, nint quantStride, float* scales, nint groupStride, byte* x, nint width, nint blocks, float* sums, nint sumStride, bool first)
    {
        Vector256<float> s00 = default, s01 = default, s10 = default, s11 = default;
        for (nint block = 0; block < blocks; block++, scales++)
        {
            Vector256<int> i00 = default, i01 = default, i10 = default, i11 = default;
            for (nint step = 0; step < 16; step++, w += 4, x += width * 4)
            {
                Vector256<short> x0 = Vector256.Load((short*)x), x1 = Vector256.Load((short*)x + 16);
                Vector256<short> q = Vector256.Create(*(int*)w).AsInt16();
                i00 += Avx2.MultiplyAddAdjacent(q, x0);
                i01 += Avx2.MultiplyAddAdjacent(q, x1);
                q = Vector256.Create(*(int*)(w + quantStride)).AsInt16();
                i10 += Avx2.MultiplyAddAdjacent(q, x0);
                i11 += Avx2.MultiplyAddAdjacent(q, x1);
            }
            Vector256<float> d0 = Vector256.Load((float*)x), d1 = Vector256.Load((float*)x + 8);
            s00 = Add(s00, i00, d0, scales);
            s01 = Add(s01, i01, d1, scales);
            s10 = Add(s10, i10, d0, scales + groupStride);
            s11 = Add(s11, i11, d1, scales + groupStride);
            x += width * 4;
        }
        Store(s00, sums, first);
        Store(s01, sums + 8, first);
        Store(s10, sums + sumStride, first);
        Store(s11, sums + sumStride + 8, first);
    }

    /// <summary>The tokens' negated sums of integers over the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Total<TFormat>(Vector256<short> sums, nint group)
        where TFormat : struct, IIntegerFormat =>
        TFormat.GroupLength == 32 ? Avx2.MultiplyAddAdjacent(sums, Vector256<short>.One)
            : Vector256.ShiftRightArithmetic(group == 0 ? Vector256.ShiftLeft(sums.AsInt32(), 16) : sums.AsInt32(), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Add(Vector256<float> sum, Vector256<int> products, Vector256<float> d, float* scale) =>
        Vector256.MultiplyAddEstimate(Avx.ConvertToVector256Single(products) * d, Vector256.Create(*scale), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> AddLow(Vector256<float> sum, Vector256<int> total, Vector256<float> d, float* minimum) =>
        Vector256.MultiplyAddEstimate(Avx.ConvertToVector256Single(total) * d, Vector256.Create(*minimum), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> value, float* sums, bool first) => (first ? value : value + Vector256.Load(sums)).Store(sums);
}
