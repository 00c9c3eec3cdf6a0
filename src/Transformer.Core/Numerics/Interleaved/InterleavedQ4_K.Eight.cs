using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

internal readonly unsafe partial struct InterleavedQ4_K
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots8(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        nint floats = stride / sizeof(float);
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
            byte* q = x.Quants;
            float* d = x.Scales, totals = x.NegatedTotals;
            for (byte* end = group + (blocks * BlockBytes); group < end; d += 8, totals += 8)
            {
                byte* scales = group;
                group += NibblesAt;
                Vector512<float> scale = Interleaving.Halves(scales), minimum = Interleaving.Halves(scales + 32);
                for (nint pair = 0; pair < 8; pair += 2, q += 64, group += 512)
                {
                    Unpack(scales + PackedAt, pair, out Vector128<byte> s0, out Vector128<byte> m0, out Vector128<byte> s1, out Vector128<byte> m1);

                    // One group after the other: sums of both would not fit the registers.
                    Sums(group, upper: false, low, q, stride, out Vector512<short> a0, out Vector512<short> a1, out Vector512<short> a2, out Vector512<short> a3, out Vector512<short> a4, out Vector512<short> a5, out Vector512<short> a6, out Vector512<short> a7);
                    Vector512<float> up = scale * ToFloats(s0), down = minimum * ToFloats(m0);
                    float* dx = d + pair, tx = totals + pair;
                    Add(ref sum0, ref sum1, ref sum2, ref sum3, a0, a1, a2, a3, ones, up, dx, down, tx, floats);
                    Add(ref sum4, ref sum5, ref sum6, ref sum7, a4, a5, a6, a7, ones, up, dx + (4 * floats), down, tx + (4 * floats), floats);
                    Sums(group, upper: true, low, q + 32, stride, out a0, out a1, out a2, out a3, out a4, out a5, out a6, out a7);
                    up = scale * ToFloats(s1);
                    down = minimum * ToFloats(m1);
                    dx++;
                    tx++;
                    Add(ref sum0, ref sum1, ref sum2, ref sum3, a0, a1, a2, a3, ones, up, dx, down, tx, floats);
                    Add(ref sum4, ref sum5, ref sum6, ref sum7, a4, a5, a6, a7, ones, up, dx + (4 * floats), down, tx + (4 * floats), floats);
                }
            }
            Interleaving.Store(sum0, sum1, sum2, sum3, y, yStride);
            Interleaving.Store(sum4, sum5, sum6, sum7, y + (4 * yStride), yStride);
        }
    }

    /// <summary>The products of 32 values of every row, from the lower or the upper nibbles, with those of eight tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums(byte* w, bool upper, Vector512<byte> low, byte* q, nint stride, out Vector512<short> a0, out Vector512<short> a1, out Vector512<short> a2, out Vector512<short> a3, out Vector512<short> a4, out Vector512<short> a5, out Vector512<short> a6, out Vector512<short> a7)
    {
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = default;
        Step(w, upper, low, q, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 64, upper, low, q + 4, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 128, upper, low, q + 8, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 192, upper, low, q + 12, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 256, upper, low, q + 16, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 320, upper, low, q + 20, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 384, upper, low, q + 24, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
        Step(w + 448, upper, low, q + 28, stride, ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(byte* w, bool upper, Vector512<byte> low, byte* q, nint stride, ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3, ref Vector512<short> a4, ref Vector512<short> a5, ref Vector512<short> a6, ref Vector512<short> a7)
    {
        if (!upper)
            Sse.Prefetch0(w + Ahead);
        Vector512<byte> nibbles = upper ? Interleaving.Upper(Vector512.Load(w), low) : Vector512.Load(w) & low;
        Interleaving.Meet(nibbles, q, stride, ref a0, ref a1, ref a2, ref a3);
        Interleaving.Meet(nibbles, q + (4 * stride), stride, ref a4, ref a5, ref a6, ref a7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3, Vector512<short> a0, Vector512<short> a1, Vector512<short> a2, Vector512<short> a3, Vector512<short> ones, Vector512<float> scale, float* d, Vector512<float> minimum, float* totals, nint floats)
    {
        sum0 = Add(sum0, a0, ones, scale, d, minimum, totals);
        sum1 = Add(sum1, a1, ones, scale, d + floats, minimum, totals + floats);
        sum2 = Add(sum2, a2, ones, scale, d + (2 * floats), minimum, totals + (2 * floats));
        sum3 = Add(sum3, a3, ones, scale, d + (3 * floats), minimum, totals + (3 * floats));
    }
}
