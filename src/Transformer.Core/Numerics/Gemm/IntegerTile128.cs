using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>What <see cref="IntegerTile256"/> does, for processors with 128-bit vectors: two rows by eight tokens.</summary>
internal static unsafe class IntegerTile128
{
    /// <summary>Rows of weights.</summary>
    public const int Rows = 2;

    /// <summary>Parameters as in <see cref="Int8Tile512.Compute"/>.</summary>
    public static void Int8<TFormat>(byte* quants, nint quantStride, float* scales, float* minimums, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        for (nint token = 0; token < width; token += 8)
            Int8<TFormat>(quants, quantStride, scales, minimums, groupStride, panel + (token * 4), (nint)width, blocks, sums + token, sumStride, first);
    }

    /// <summary>Parameters as in <see cref="Int8Tile512.Compute"/>.</summary>
    public static void Int16(byte* quants, nint quantStride, float* scales, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
    {
        for (nint token = 0; token < width; token += 8)
            Int16(quants, quantStride, scales, groupStride, panel + (token * 4), (nint)width, blocks, sums + token, sumStride, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int8<TFormat>(byte* w, nint quantStride, float* scales, float* minimums, nint groupStride, byte* x, nint width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        Vector128<float> s00 = default, s01 = default, s10 = default, s11 = default;
        nint steps = Math.Min(TFormat.GroupLength / 4, TFormat.QuantBits <= 4 ? 8 : TFormat.QuantBits == 5 ? 4 : 2);
        for (nint block = 0; block < blocks; block++)
        {
            float* tail = (float*)(x + (width * 32));
            Vector128<float> d0 = Vector128.Load(tail), d1 = Vector128.Load(tail + 4);
            Vector128<short> sums0 = Vector128.Load((short*)(tail + width)), sums1 = Vector128.Load((short*)(tail + width + 4));
            for (nint group = 0; group < 32 / TFormat.GroupLength; group++, scales++, minimums++)
            {
                Vector128<int> i00 = default, i01 = default, i10 = default, i11 = default;
                for (nint step = 0; Products128.HasFours && step < TFormat.GroupLength / 4; step++, w += 4, x += width * 4)
                {
                    Vector128<sbyte> x0 = Vector128.Load((sbyte*)x), x1 = Vector128.Load((sbyte*)x + 16);
                    Vector128<byte> q = Vector128.Create(*(uint*)w).AsByte();
                    i00 = Products128.AddFours(i00, q, x0);
                    i01 = Products128.AddFours(i01, q, x1);
                    q = Vector128.Create(*(uint*)(w + quantStride)).AsByte();
                    i10 = Products128.AddFours(i10, q, x0);
                    i11 = Products128.AddFours(i11, q, x1);
                }
                for (nint part = 0; !Products128.HasFours && part < TFormat.GroupLength / (4 * steps); part++)
                {
                    Vector128<short> a00 = default, a01 = default, a10 = default, a11 = default;
                    for (nint step = 0; step < steps; step++, w += 4, x += width * 4)
                    {
                        Vector128<sbyte> x0 = Vector128.Load((sbyte*)x), x1 = Vector128.Load((sbyte*)x + 16);
                        Vector128<byte> q = Vector128.Create(*(uint*)w).AsByte();
                        a00 += Products128.Pairs(q, x0);
                        a01 += Products128.Pairs(q, x1);
                        q = Vector128.Create(*(uint*)(w + quantStride)).AsByte();
                        a10 += Products128.Pairs(q, x0);
                        a11 += Products128.Pairs(q, x1);
                    }
                    i00 += Products128.Fours(a00);
                    i01 += Products128.Fours(a01);
                    i10 += Products128.Fours(a10);
                    i11 += Products128.Fours(a11);
                }
                Vector128<int> total0 = Total<TFormat>(sums0, group), total1 = Total<TFormat>(sums1, group);
                if (TFormat.Offset != 0)
                {
                    int shift = BitOperations.Log2((uint)TFormat.Offset);
                    i00 += Vector128.ShiftLeft(total0, shift);
                    i01 += Vector128.ShiftLeft(total1, shift);
                    i10 += Vector128.ShiftLeft(total0, shift);
                    i11 += Vector128.ShiftLeft(total1, shift);
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
        Store(s01, sums + 4, first);
        Store(s10, sums + sumStride, first);
        Store(s11, sums + sumStride + 4, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Int16(byte* w, nint quantStride, float* scales, nint groupStride, byte* x, nint width, nint blocks, float* sums, nint sumStride, bool first)
    {
        Vector128<float> s00 = default, s01 = default, s10 = default, s11 = default;
        for (nint block = 0; block < blocks; block++, scales++)
        {
            Vector128<int> i00 = default, i01 = default, i10 = default, i11 = default;
            Vector128<int> j00 = default, j01 = default, j10 = default, j11 = default;
            for (nint step = 0; step < 16; step++, w += 4, x += width * 4)
            {
                Vector128<short> x0 = Vector128.Load((short*)x), x1 = Vector128.Load((short*)x + 8);
                Vector128<short> q = Vector128.Create(*(int*)w).AsInt16();
                i00 = Products128.AddFirst(i00, q, x0);
                j00 = Products128.AddSecond(j00, q, x0);
                i01 = Products128.AddFirst(i01, q, x1);
                j01 = Products128.AddSecond(j01, q, x1);
                q = Vector128.Create(*(int*)(w + quantStride)).AsInt16();
                i10 = Products128.AddFirst(i10, q, x0);
                j10 = Products128.AddSecond(j10, q, x0);
                i11 = Products128.AddFirst(i11, q, x1);
                j11 = Products128.AddSecond(j11, q, x1);
            }
            Vector128<float> d0 = Vector128.Load((float*)x), d1 = Vector128.Load((float*)x + 4);
            s00 = Add(s00, Products128.Join(i00, j00), d0, scales);
            s01 = Add(s01, Products128.Join(i01, j01), d1, scales);
            s10 = Add(s10, Products128.Join(i10, j10), d0, scales + groupStride);
            s11 = Add(s11, Products128.Join(i11, j11), d1, scales + groupStride);
            x += width * 4;
        }
        Store(s00, sums, first);
        Store(s01, sums + 4, first);
        Store(s10, sums + sumStride, first);
        Store(s11, sums + sumStride + 4, first);
    }

    /// <summary>The tokens' negated sums of integers over the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Total<TFormat>(Vector128<short> sums, nint group)
        where TFormat : struct, IIntegerFormat =>
        TFormat.GroupLength == 32 ? Products128.Fours(sums)
            : Vector128.ShiftRightArithmetic(group == 0 ? Vector128.ShiftLeft(sums.AsInt32(), 16) : sums.AsInt32(), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(Vector128<float> sum, Vector128<int> products, Vector128<float> d, float* scale) =>
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(products) * d, Vector128.Create(*scale), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AddLow(Vector128<float> sum, Vector128<int> total, Vector128<float> d, float* minimum) =>
        Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(total) * d, Vector128.Create(*minimum), sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<float> value, float* sums, bool first) => (first ? value : value + Vector128.Load(sums)).Store(sums);
}
