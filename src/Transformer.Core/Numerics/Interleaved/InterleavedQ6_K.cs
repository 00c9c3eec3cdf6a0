using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>
/// Sixteen rows of <see cref="Q6_K"/>, block after block: the halves d, sixteen times sixteen bytes of scales, and for each
/// half of the block eight times 192 bytes: the bytes 4v to 4v + 3 of every row's first 32 bytes of nibbles, of its second,
/// and of its bits above them. Each of the three holds parts of the same four times four values.
/// </summary>
internal readonly unsafe partial struct InterleavedQ6_K : IInterleavedFormat<Q6_K>
{
    private const int RowBlockBytes = 210;
    private const int UpperAt = 128;
    private const int RowScalesAt = 192;
    private const int RowScaleAt = 208;
    private const int BlockBytes = Interleaving.Rows * RowBlockBytes;
    private const int ScalesAt = 32;
    private const int QuantsAt = 288;
    private const int StepBytes = 192;
    private const int Ahead = 4096;

    public static bool IsSupported => Avx512BW.IsSupported;

    private static ReadOnlySpan<byte> UpperBits =>
    [
        48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
        48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48,
    ];

    public static bool AreScalesFinite(byte* row, nint blocks) => Interleaving.AreFinite(row + RowScaleAt, RowBlockBytes, blocks);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(byte* rows, nint rowBytes, nint blocks, byte* group)
    {
        for (nint block = 0; block < blocks; block++, group += BlockBytes, rows += RowBlockBytes)
        {
            for (nint row = 0; row < Interleaving.Rows; row++)
            {
                byte* source = rows + (row * rowBytes);
                ((short*)group)[row] = *(short*)(source + RowScaleAt);
                for (nint i = 0; i < 16; i++)
                    group[ScalesAt + (i * Interleaving.Rows) + row] = source[RowScalesAt + i];
                for (nint step = 0; step < 16; step++)
                {
                    nint half = step / 8, place = step % 8 * 4;
                    int* lane = (int*)(group + QuantsAt + (step * StepBytes)) + row;
                    lane[0] = *(int*)(source + (half * 64) + place);
                    lane[16] = *(int*)(source + (half * 64) + 32 + place);
                    lane[32] = *(int*)(source + UpperAt + (half * 32) + place);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(byte* group, nint row, nint count, byte* target)
    {
        for (nint block = 0; block < count; block++, group += BlockBytes, target += RowBlockBytes)
        {
            *(short*)(target + RowScaleAt) = ((short*)group)[row];
            for (nint i = 0; i < 16; i++)
                target[RowScalesAt + i] = group[ScalesAt + (i * Interleaving.Rows) + row];
            for (nint step = 0; step < 16; step++)
            {
                nint half = step / 8, place = step % 8 * 4;
                int* lane = (int*)(group + QuantsAt + (step * StepBytes)) + row;
                *(int*)(target + (half * 64) + place) = lane[0];
                *(int*)(target + (half * 64) + 32 + place) = lane[16];
                *(int*)(target + UpperAt + (half * 32) + place) = lane[32];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* group, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles), bits = Vector512.Create(UpperBits);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        Vector512<float> middle = Vector512.Create(32f);

        // Two streams at once, as in InterleavedQ4_0.
        byte* other = group + (count / 2 * blocks * BlockBytes);
        float* half = y + (count / 2 * Interleaving.Rows);
        nint rest = (nint)(half - y);
        for (float* last = half; y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum = default, offset = default, otherSum = default, otherOffset = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales, totals = x.NegatedHalfTotals;
            for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, other += BlockBytes, q += 256, d += 8, totals += 16)
            {
                AddBlock(ref sum, ref offset, group, q, d, totals, low, bits, ones);
                AddBlock(ref otherSum, ref otherOffset, other, q, d, totals, low, bits, ones);
            }
            Avx512F.FusedMultiplyAdd(offset, middle, sum).Store(y);
            Avx512F.FusedMultiplyAdd(otherOffset, middle, otherSum).Store(y + rest);
        }
        if (count % 2 == 0)
            return;
        Vector512<float> odd = default, oddOffset = default;
        for (nint block = 0; block < blocks; block++)
            AddBlock(ref odd, ref oddOffset, other + (block * BlockBytes), (sbyte*)x.Quants + (block * 256), x.Scales + (block * 8), x.NegatedHalfTotals + (block * 16), low, bits, ones);
        Avx512F.FusedMultiplyAdd(oddOffset, middle, odd).Store(y + rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles), bits = Vector512.Create(UpperBits);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        nint floats = stride / sizeof(float);
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            Vector512<float> offset0 = default, offset1 = default, offset2 = default, offset3 = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales, totals = x.NegatedHalfTotals;
            for (byte* end = group + (blocks * BlockBytes); group < end; q += 256, d += 8, totals += 16)
            {
                Vector512<float> scale = Interleaving.Halves(group);
                byte* scales = group + ScalesAt;
                PrefetchScales(group);
                group += QuantsAt;
                for (nint four = 0; four < 4; four++, group += 4 * StepBytes)
                {
                    // Two of the four parts at a time: sixteen sums and what they are made of fill the registers.
                    for (nint part = 0; part < 4; part += 2)
                    {
                        sbyte* place = q + (four / 2 * 128) + (four % 2 * 16) + (part * 32);
                        Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
                        for (nint step = 0; step < 4; step += 2, place += 8)
                        {
                            byte* here = group + (step * StepBytes);
                            Vector512<byte> w0, w1, v0, v1;
                            if (part == 0)
                            {
                                Prefetch(here);
                                Lower(here, low, bits, out w0, out w1);
                                Lower(here + StepBytes, low, bits, out v0, out v1);
                            }
                            else
                            {
                                Upper(here, low, bits, out w0, out w1);
                                Upper(here + StepBytes, low, bits, out v0, out v1);
                            }
                            a0 += Products(w0, v0, place, ones);
                            b0 += Products(w1, v1, place + 32, ones);
                            a1 += Products(w0, v0, place + stride, ones);
                            b1 += Products(w1, v1, place + stride + 32, ones);
                            a2 += Products(w0, v0, place + (2 * stride), ones);
                            b2 += Products(w1, v1, place + (2 * stride) + 32, ones);
                            a3 += Products(w0, v0, place + (3 * stride), ones);
                            b3 += Products(w1, v1, place + (3 * stride) + 32, ones);
                        }
                        nint first = (four / 2 * 8) + (four % 2) + (2 * part);
                        float* dx = d + (first / 2), tx = totals + first;
                        Vector512<float> s = ScaleOf(scales, first, scale);
                        Add(ref sum0, ref offset0, a0, s, dx, tx);
                        Add(ref sum1, ref offset1, a1, s, dx + floats, tx + floats);
                        Add(ref sum2, ref offset2, a2, s, dx + (2 * floats), tx + (2 * floats));
                        Add(ref sum3, ref offset3, a3, s, dx + (3 * floats), tx + (3 * floats));
                        s = ScaleOf(scales, first + 2, scale);
                        dx++;
                        tx += 2;
                        Add(ref sum0, ref offset0, b0, s, dx, tx);
                        Add(ref sum1, ref offset1, b1, s, dx + floats, tx + floats);
                        Add(ref sum2, ref offset2, b2, s, dx + (2 * floats), tx + (2 * floats));
                        Add(ref sum3, ref offset3, b3, s, dx + (3 * floats), tx + (3 * floats));
                    }
                }
            }
            Vector512<float> middle = Vector512.Create(32f);
            Avx512F.FusedMultiplyAdd(offset0, middle, sum0).Store(y);
            Avx512F.FusedMultiplyAdd(offset1, middle, sum1).Store(y + yStride);
            Avx512F.FusedMultiplyAdd(offset2, middle, sum2).Store(y + (2 * yStride));
            Avx512F.FusedMultiplyAdd(offset3, middle, sum3).Store(y + (3 * yStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddBlock(ref Vector512<float> sum, ref Vector512<float> offset, byte* group, sbyte* q, float* d, float* totals, Vector512<byte> low, Vector512<byte> bits, Vector512<short> ones)
    {
        Vector512<float> scale = Interleaving.Halves(group);
        byte* scales = group + ScalesAt;
        PrefetchScales(group);
        group += QuantsAt;
        for (nint four = 0; four < 4; four++)
        {
            sbyte* place = q + (four / 2 * 128) + (four % 2 * 16);
            Vector512<int> a = default, b = default, c = default, e = default;
            for (byte* stop = group + (4 * StepBytes); group < stop; group += 2 * StepBytes, place += 8)
            {
                Prefetch(group);
                Lower(group, low, bits, out Vector512<byte> w0, out Vector512<byte> w1);
                Lower(group + StepBytes, low, bits, out Vector512<byte> v0, out Vector512<byte> v1);
                a += Products(w0, v0, place, ones);
                b += Products(w1, v1, place + 32, ones);
                Upper(group, low, bits, out w0, out w1);
                Upper(group + StepBytes, low, bits, out v0, out v1);
                c += Products(w0, v0, place + 64, ones);
                e += Products(w1, v1, place + 96, ones);
            }
            nint first = (four / 2 * 8) + (four % 2);
            Add(ref sum, ref offset, a, ScaleOf(scales, first, scale), d + (first / 2), totals + first);
            Add(ref sum, ref offset, b, ScaleOf(scales, first + 2, scale), d + (first / 2) + 1, totals + first + 2);
            Add(ref sum, ref offset, c, ScaleOf(scales, first + 4, scale), d + (first / 2) + 2, totals + first + 4);
            Add(ref sum, ref offset, e, ScaleOf(scales, first + 6, scale), d + (first / 2) + 3, totals + first + 6);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchScales(byte* block)
    {
        for (nint line = 0; line < QuantsAt; line += 64)
            Sse.Prefetch0(block + Ahead + line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* twoSteps)
    {
        for (nint line = 0; line < 2 * StepBytes; line += 64)
            Sse.Prefetch0(twoSteps + Ahead + line);
    }

    /// <summary>Four values of every row from each of the first two quarters of half a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lower(byte* step, Vector512<byte> low, Vector512<byte> bits, out Vector512<byte> w0, out Vector512<byte> w1)
    {
        Vector512<ushort> above = Vector512.Load((ushort*)(step + 128));
        w0 = (Vector512.Load(step) & low) | (Vector512.ShiftLeft(above, 4).AsByte() & bits);
        w1 = (Vector512.Load(step + 64) & low) | (Vector512.ShiftLeft(above, 2).AsByte() & bits);
    }

    /// <summary>The same from the last two quarters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Upper(byte* step, Vector512<byte> low, Vector512<byte> bits, out Vector512<byte> w0, out Vector512<byte> w1)
    {
        Vector512<ushort> above = Vector512.Load((ushort*)(step + 128));
        w0 = Interleaving.Upper(Vector512.Load(step), low) | (above.AsByte() & bits);
        w1 = Interleaving.Upper(Vector512.Load(step + 64), low) | (Vector512.ShiftRightLogical(above, 2).AsByte() & bits);
    }

    /// <summary>Products with eight activations; those of two steps fit 16 bits (4 x 63 x 127).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Products(Vector512<byte> w, Vector512<byte> next, sbyte* q, Vector512<short> ones) =>
        Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, Interleaving.Four(q)) + Avx512BW.MultiplyAddAdjacent(next, Interleaving.Four(q + 4)), ones);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ScaleOf(byte* scales, nint index, Vector512<float> scale) =>
        Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)scales + (index * Interleaving.Rows)))) * scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<float> sum, ref Vector512<float> offset, Vector512<int> products, Vector512<float> scale, float* d, float* total)
    {
        sum = Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products), scale * Vector512.Create(*d), sum);
        offset = Avx512F.FusedMultiplyAdd(scale, Vector512.Create(*total), offset);
    }
}
