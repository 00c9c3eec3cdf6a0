using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

internal readonly unsafe partial struct InterleavedQ6_K
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots8(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles), bits = Vector512.Create(UpperBits);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        nint floats = stride / sizeof(float);
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
            Vector512<float> offset0 = default, offset1 = default, offset2 = default, offset3 = default, offset4 = default, offset5 = default, offset6 = default, offset7 = default;
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
                    // One of the four parts at a time: sixteen sums and four vectors of weights fill the registers.
                    for (int part = 0; part < 4; part++)
                    {
                        Sse.Prefetch0(group + Ahead + (part * StepBytes));
                        Sse.Prefetch0(group + Ahead + (part * StepBytes) + 64);
                        Sse.Prefetch0(group + Ahead + (part * StepBytes) + 128);
                        Vector512<uint> right = Vector512.Create(part < 2 ? 0u : 4u), left = Vector512.Create(4u - (2u * (uint)part));
                        byte* nibbles = group + (part % 2 * 64);
                        Vector512<byte> w0 = Values(nibbles, group, right, left, low, bits);
                        Vector512<byte> w1 = Values(nibbles + StepBytes, group + StepBytes, right, left, low, bits);
                        Vector512<byte> w2 = Values(nibbles + (2 * StepBytes), group + (2 * StepBytes), right, left, low, bits);
                        Vector512<byte> w3 = Values(nibbles + (3 * StepBytes), group + (3 * StepBytes), right, left, low, bits);
                        nint first = (four / 2 * 8) + (four % 2) + (2 * part);
                        float* dx = d + (first / 2), tx = totals + first;
                        Vector512<float> s = ScaleOf(scales, first, scale);
                        sbyte* place = q + (four / 2 * 128) + (four % 2 * 16) + (part * 32);
                        Add(ref sum0, ref offset0, w0, w1, w2, w3, place, ones, s, dx, tx);
                        Add(ref sum1, ref offset1, w0, w1, w2, w3, place + stride, ones, s, dx + floats, tx + floats);
                        Add(ref sum2, ref offset2, w0, w1, w2, w3, place + (2 * stride), ones, s, dx + (2 * floats), tx + (2 * floats));
                        Add(ref sum3, ref offset3, w0, w1, w2, w3, place + (3 * stride), ones, s, dx + (3 * floats), tx + (3 * floats));
                        place += 4 * stride;
                        dx += 4 * floats;
                        tx += 4 * floats;
                        Add(ref sum4, ref offset4, w0, w1, w2, w3, place, ones, s, dx, tx);
                        Add(ref sum5, ref offset5, w0, w1, w2, w3, place + stride, ones, s, dx + floats, tx + floats);
                        Add(ref sum6, ref offset6, w0, w1, w2, w3, place + (2 * stride), ones, s, dx + (2 * floats), tx + (2 * floats));
                        Add(ref sum7, ref offset7, w0, w1, w2, w3, place + (3 * stride), ones, s, dx + (3 * floats), tx + (3 * floats));
                    }
                }
            }
            Vector512<float> middle = Vector512.Create(32f);
            Avx512F.FusedMultiplyAdd(offset0, middle, sum0).Store(y);
            Avx512F.FusedMultiplyAdd(offset1, middle, sum1).Store(y + yStride);
            Avx512F.FusedMultiplyAdd(offset2, middle, sum2).Store(y + (2 * yStride));
            Avx512F.FusedMultiplyAdd(offset3, middle, sum3).Store(y + (3 * yStride));
            Avx512F.FusedMultiplyAdd(offset4, middle, sum4).Store(y + (4 * yStride));
            Avx512F.FusedMultiplyAdd(offset5, middle, sum5).Store(y + (5 * yStride));
            Avx512F.FusedMultiplyAdd(offset6, middle, sum6).Store(y + (6 * yStride));
            Avx512F.FusedMultiplyAdd(offset7, middle, sum7).Store(y + (7 * yStride));
        }
    }

    /// <summary>Four values of every row from one of the parts; a rotation counts modulo 32, and what it moves across bytes is masked off.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Values(byte* nibbles, byte* step, Vector512<uint> right, Vector512<uint> left, Vector512<byte> low, Vector512<byte> bits) =>
        (Avx512F.ShiftRightLogicalVariable(Vector512.Load((uint*)nibbles), right).AsByte() & low)
        | (Avx512F.RotateLeftVariable(Vector512.Load((uint*)(step + 128)), left).AsByte() & bits);

    /// <summary>Adds the products of one part with one token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<float> sum, ref Vector512<float> offset, Vector512<byte> w0, Vector512<byte> w1, Vector512<byte> w2, Vector512<byte> w3, sbyte* q, Vector512<short> ones, Vector512<float> scale, float* d, float* total) =>
        Add(ref sum, ref offset, Products(w0, w1, q, ones) + Products(w2, w3, q + 8, ones), scale, d, total);
}
