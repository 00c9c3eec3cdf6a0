using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// Four rows of unsigned quants of at most six bits times 32 or 16 tokens of signed bytes, tokens in the lanes.
/// Products are added up in 16 bits as long as they fit: all of a block with quants of 4 bits (8 x 2 x 15 x 127),
/// half a block with 5, a quarter with 6. Everything up to the scales is exact.
/// </summary>
internal static unsafe class Int8Tile512
{
    /// <summary>Rows of weights.</summary>
    public const int Rows = 4;

    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>sums[r, t] (+)= the products of some blocks.</summary>
    /// <param name="quants">Quants of the rows.</param>
    /// <param name="quantStride">Bytes from one row to the next.</param>
    /// <param name="scales">Scales of the rows.</param>
    /// <param name="minimums">Minimums of the rows.</param>
    /// <param name="groupStride">Groups from one row to the next.</param>
    /// <param name="panel">The first block of a panel of activations.</param>
    /// <param name="width">The panel's tokens.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="sums">[Rows, width].</param>
    /// <param name="sumStride">Floats from one row to the next.</param>
    /// <param name="first">Whether the sums begin here.</param>
    public static void Compute<TFormat>(byte* quants, nint quantStride, float* scales, float* minimums, nint groupStride, byte* panel, int width, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        if (width == 32)
            Wide<TFormat>(quants, quantStride, scales, minimums, groupStride, panel, blocks, sums, sumStride, first);
        else
            Narrow<TFormat>(quants, quantStride, scales, minimums, groupStride, panel, blocks, sums, sumStride, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide<TFormat>(byte* w, nint quantStride, float* scales, float* minimums, nint groupStride, byte* x, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        const int Width = 32;
        Vector512<float> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
        Vector512<short> one = Vector512<short>.One;
        for (nint block = 0; block < blocks; block++)
        {
            Vector512<short> sums0 = Vector512.Load((short*)(x + (Width * 36))), sums1 = Vector512.Load((short*)(x + (Width * 36) + 64));
            for (int group = 0; ; group++)
            {
                Vector512<int> i00 = default, i01 = default, i10 = default, i11 = default, i20 = default, i21 = default, i30 = default, i31 = default;
                for (int part = 1; ; part++)
                {
                    Vector512<short> a00 = Start<TFormat>(sums0), a10 = a00, a20 = a00, a30 = a00;
                    Vector512<short> a01 = Start<TFormat>(sums1), a11 = a01, a21 = a01, a31 = a01;
                    for (nint step = 0; step < Steps<TFormat>(); step++, w += 4, x += Width * 4)
                    {
                        Vector512<sbyte> x0 = Vector512.Load((sbyte*)x), x1 = Vector512.Load((sbyte*)x + 64);
                        Vector512<byte> q = Vector512.Create(*(uint*)w).AsByte();
                        a00 += Avx512BW.MultiplyAddAdjacent(q, x0);
                        a01 += Avx512BW.MultiplyAddAdjacent(q, x1);
                        q = Vector512.Create(*(uint*)(w + quantStride)).AsByte();
                        a10 += Avx512BW.MultiplyAddAdjacent(q, x0);
                        a11 += Avx512BW.MultiplyAddAdjacent(q, x1);
                        q = Vector512.Create(*(uint*)(w + (2 * quantStride))).AsByte();
                        a20 += Avx512BW.MultiplyAddAdjacent(q, x0);
                        a21 += Avx512BW.MultiplyAddAdjacent(q, x1);
                        q = Vector512.Create(*(uint*)(w + (3 * quantStride))).AsByte();
                        a30 += Avx512BW.MultiplyAddAdjacent(q, x0);
                        a31 += Avx512BW.MultiplyAddAdjacent(q, x1);
                    }
                    i00 = Widen<TFormat>(i00, a00, one);
                    i01 = Widen<TFormat>(i01, a01, one);
                    i10 = Widen<TFormat>(i10, a10, one);
                    i11 = Widen<TFormat>(i11, a11, one);
                    i20 = Widen<TFormat>(i20, a20, one);
                    i21 = Widen<TFormat>(i21, a21, one);
                    i30 = Widen<TFormat>(i30, a30, one);
                    i31 = Widen<TFormat>(i31, a31, one);

                    // Asked like this, the compiler drops a loop of one round.
                    if (Parts<TFormat>() == 1 || part == Parts<TFormat>())
                        break;
                }

                // x stands behind the steps done: the tokens' scales follow the last step of the block.
                float* tail = (float*)(TFormat.GroupLength == 16 && group == 0 ? x + (16 * Width) : x);
                Vector512<float> d = Vector512.Load(tail);
                Vector512<int> total = Total<TFormat>(sums0, one, group);
                Vector512<int> offset = Offset<TFormat>(total);
                Vector512<float> low = Low<TFormat>(total, d);
                s00 = Add<TFormat>(s00, Shift<TFormat>(i00, offset), d, low, scales, minimums);
                s10 = Add<TFormat>(s10, Shift<TFormat>(i10, offset), d, low, scales + groupStride, minimums + groupStride);
                s20 = Add<TFormat>(s20, Shift<TFormat>(i20, offset), d, low, scales + (2 * groupStride), minimums + (2 * groupStride));
                s30 = Add<TFormat>(s30, Shift<TFormat>(i30, offset), d, low, scales + (3 * groupStride), minimums + (3 * groupStride));
                d = Vector512.Load(tail + 16);
                total = Total<TFormat>(sums1, one, group);
                offset = Offset<TFormat>(total);
                low = Low<TFormat>(total, d);
                s01 = Add<TFormat>(s01, Shift<TFormat>(i01, offset), d, low, scales, minimums);
                s11 = Add<TFormat>(s11, Shift<TFormat>(i11, offset), d, low, scales + groupStride, minimums + groupStride);
                s21 = Add<TFormat>(s21, Shift<TFormat>(i21, offset), d, low, scales + (2 * groupStride), minimums + (2 * groupStride));
                s31 = Add<TFormat>(s31, Shift<TFormat>(i31, offset), d, low, scales + (3 * groupStride), minimums + (3 * groupStride));
                scales++;
                minimums++;
                if (TFormat.GroupLength == 32 || group == 1)
                    break;
            }
            x += Width * 8;
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
    private static void Narrow<TFormat>(byte* w, nint quantStride, float* scales, float* minimums, nint groupStride, byte* x, nint blocks, float* sums, nint sumStride, bool first)
        where TFormat : struct, IIntegerFormat
    {
        const int Width = 16;
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        Vector512<short> one = Vector512<short>.One;
        for (nint block = 0; block < blocks; block++)
        {
            Vector512<short> sums0 = Vector512.Load((short*)(x + (Width * 36)));
            for (int group = 0; ; group++)
            {
                Vector512<int> i0 = default, i1 = default, i2 = default, i3 = default;
                for (int part = 1; ; part++)
                {
                    Vector512<short> a0 = Start<TFormat>(sums0), a1 = a0, a2 = a0, a3 = a0;
                    for (nint step = 0; step < Steps<TFormat>(); step++, w += 4, x += Width * 4)
                    {
                        Vector512<sbyte> x0 = Vector512.Load((sbyte*)x);
                        a0 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(uint*)w).AsByte(), x0);
                        a1 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(uint*)(w + quantStride)).AsByte(), x0);
                        a2 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(uint*)(w + (2 * quantStride))).AsByte(), x0);
                        a3 += Avx512BW.MultiplyAddAdjacent(Vector512.Create(*(uint*)(w + (3 * quantStride))).AsByte(), x0);
                    }
                    i0 = Widen<TFormat>(i0, a0, one);
                    i1 = Widen<TFormat>(i1, a1, one);
                    i2 = Widen<TFormat>(i2, a2, one);
                    i3 = Widen<TFormat>(i3, a3, one);

                    // Asked like this, the compiler drops a loop of one round.
                    if (Parts<TFormat>() == 1 || part == Parts<TFormat>())
                        break;
                }
                float* tail = (float*)(TFormat.GroupLength == 16 && group == 0 ? x + (16 * Width) : x);
                Vector512<float> d = Vector512.Load(tail);
                Vector512<int> total = Total<TFormat>(sums0, one, group);
                Vector512<int> offset = Offset<TFormat>(total);
                Vector512<float> low = Low<TFormat>(total, d);
                s0 = Add<TFormat>(s0, Shift<TFormat>(i0, offset), d, low, scales, minimums);
                s1 = Add<TFormat>(s1, Shift<TFormat>(i1, offset), d, low, scales + groupStride, minimums + groupStride);
                s2 = Add<TFormat>(s2, Shift<TFormat>(i2, offset), d, low, scales + (2 * groupStride), minimums + (2 * groupStride));
                s3 = Add<TFormat>(s3, Shift<TFormat>(i3, offset), d, low, scales + (3 * groupStride), minimums + (3 * groupStride));
                scales++;
                minimums++;
                if (TFormat.GroupLength == 32 || group == 1)
                    break;
            }
            x += Width * 8;
        }
        Store(s0, sums, first);
        Store(s1, sums + sumStride, first);
        Store(s2, sums + (2 * sumStride), first);
        Store(s3, sums + (3 * sumStride), first);
    }

    /// <summary>The sums of a part join those of the parts before it, if there are any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen<TFormat>(Vector512<int> sum, Vector512<short> part, Vector512<short> one)
        where TFormat : struct, IIntegerFormat =>
        Parts<TFormat>() == 1 ? Avx512BW.MultiplyAddAdjacent(part, one) : sum + Avx512BW.MultiplyAddAdjacent(part, one);

    /// <summary>Sums of 16 bits in a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Parts<TFormat>()
        where TFormat : struct, IIntegerFormat => TFormat.GroupLength / (4 * Steps<TFormat>());

    /// <summary>Steps of four features whose products fit 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Steps<TFormat>()
        where TFormat : struct, IIntegerFormat => Math.Min(TFormat.GroupLength / 4, TFormat.QuantBits <= 4 ? 8 : TFormat.QuantBits == 5 ? 4 : 2);

    /// <summary>Whether the offset is taken off in the 16-bit sums, which begin with it: both halves stay in their range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool StartsWithOffset<TFormat>()
        where TFormat : struct, IIntegerFormat => TFormat.Offset == 8 && TFormat.QuantBits <= 4 && TFormat.GroupLength == 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Start<TFormat>(Vector512<short> sums)
        where TFormat : struct, IIntegerFormat => StartsWithOffset<TFormat>() ? Vector512.ShiftLeft(sums, 3) : default;

    /// <summary>The tokens' negated sums of integers over the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Total<TFormat>(Vector512<short> sums, Vector512<short> one, int group)
        where TFormat : struct, IIntegerFormat =>
        TFormat.GroupLength == 32 ? Avx512BW.MultiplyAddAdjacent(sums, one)
            : Vector512.ShiftRightArithmetic(group == 0 ? Vector512.ShiftLeft(sums.AsInt32(), 16) : sums.AsInt32(), 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Offset<TFormat>(Vector512<int> total)
        where TFormat : struct, IIntegerFormat => Vector512.ShiftLeft(total, BitOperations.Log2((uint)TFormat.Offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Shift<TFormat>(Vector512<int> products, Vector512<int> offset)
        where TFormat : struct, IIntegerFormat => TFormat.Offset == 0 || StartsWithOffset<TFormat>() ? products : products + offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Low<TFormat>(Vector512<int> total, Vector512<float> d)
        where TFormat : struct, IIntegerFormat => TFormat.HasMinimums ? Avx512F.ConvertToVector512Single(total) * d : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add<TFormat>(Vector512<float> sum, Vector512<int> products, Vector512<float> d, Vector512<float> low, float* scale, float* minimum)
        where TFormat : struct, IIntegerFormat
    {
        sum = Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products) * d, Vector512.Create(*scale), sum);
        return TFormat.HasMinimums ? Avx512F.FusedMultiplyAdd(low, Vector512.Create(*minimum), sum) : sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> value, float* sums, bool first) => (first ? value : value + Vector512.Load(sums)).Store(sums);
}
