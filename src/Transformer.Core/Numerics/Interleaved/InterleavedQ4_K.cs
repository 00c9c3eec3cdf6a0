using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>
/// Sixteen rows of <see cref="Q4_K"/>, block after block: the halves d, the halves m, the twelve bytes of packed scales
/// and minimums, then 2048 bytes of nibbles. Vector v of what were 32 bytes of nibbles holds the bytes 4v to 4v + 3 of
/// every row, so that its lower nibbles belong to one group and its upper ones to the next.
/// </summary>
internal readonly unsafe partial struct InterleavedQ4_K : IInterleavedFormat<Q4_K>
{
    private const int RowBlockBytes = 144;
    private const int BlockBytes = Interleaving.Rows * RowBlockBytes;
    private const int PackedAt = 64;
    private const int NibblesAt = 256;
    private const int Ahead = 8192;

    public static bool IsSupported => Avx512BW.IsSupported;

    public static bool AreScalesFinite(byte* row, nint blocks) =>
        Interleaving.AreFinite(row, RowBlockBytes, blocks) && Interleaving.AreFinite(row + 2, RowBlockBytes, blocks);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(byte* rows, nint rowBytes, nint blocks, byte* group)
    {
        for (nint block = 0; block < blocks; block++, group += BlockBytes, rows += RowBlockBytes)
        {
            for (nint row = 0; row < Interleaving.Rows; row++)
            {
                byte* source = rows + (row * rowBytes);
                ((short*)group)[row] = *(short*)source;
                ((short*)group)[Interleaving.Rows + row] = *(short*)(source + 2);
                for (nint i = 0; i < SixBitScales.Bytes; i++)
                    group[PackedAt + (i * Interleaving.Rows) + row] = source[4 + i];
                Interleaving.Spread((int*)(source + 16), (int*)(group + NibblesAt) + row, 32);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(byte* group, nint row, nint count, byte* target)
    {
        for (nint block = 0; block < count; block++, group += BlockBytes, target += RowBlockBytes)
        {
            *(short*)target = ((short*)group)[row];
            *(short*)(target + 2) = ((short*)group)[Interleaving.Rows + row];
            for (nint i = 0; i < SixBitScales.Bytes; i++)
                target[4 + i] = group[PackedAt + (i * Interleaving.Rows) + row];
            Interleaving.Collect((int*)(group + NibblesAt) + row, (int*)(target + 16), 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* group, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum = default;
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.Scales, totals = x.NegatedTotals;
            for (byte* end = group + (blocks * BlockBytes); group < end; d += 8, totals += 8)
            {
                byte* scales = group;
                group += NibblesAt;
                Sse.Prefetch0(scales + Ahead);
                Sse.Prefetch0(scales + Ahead + 64);
                Sse.Prefetch0(scales + Ahead + 128);
                Sse.Prefetch0(scales + Ahead + 192);
                Vector512<float> scale = Interleaving.Halves(scales), minimum = Interleaving.Halves(scales + 32);
                for (nint pair = 0; pair < 8; pair += 2, q += 64)
                {
                    Vector512<short> lower = default, upper = default;
                    for (byte* stop = group + 512; group < stop; group += 64, q += 4)
                    {
                        Sse.Prefetch0(group + Ahead);
                        Vector512<byte> nibbles = Vector512.Load(group);
                        lower += Avx512BW.MultiplyAddAdjacent(nibbles & low, Interleaving.Four(q));
                        upper += Avx512BW.MultiplyAddAdjacent(Interleaving.Upper(nibbles, low), Interleaving.Four(q + 32));
                    }
                    q -= 32;
                    Unpack(scales + PackedAt, pair, out Vector128<byte> s0, out Vector128<byte> m0, out Vector128<byte> s1, out Vector128<byte> m1);
                    sum = Add(sum, lower, ones, scale * ToFloats(s0), d + pair, minimum * ToFloats(m0), totals + pair);
                    sum = Add(sum, upper, ones, scale * ToFloats(s1), d + pair + 1, minimum * ToFloats(m1), totals + pair + 1);
                }
            }
            sum.Store(y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        Vector512<byte> low = Vector512.Create(IntegerRowDot.LowNibbles);
        Vector512<short> ones = Vector512.Create(IntegerRowDot.Ones).AsInt16();
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            byte* q = x.Quants;
            float* d = x.Scales, totals = x.NegatedTotals;
            for (byte* end = group + (blocks * BlockBytes); group < end; d += 8, totals += 8)
            {
                byte* scales = group;
                group += NibblesAt;
                Sse.Prefetch0(scales + Ahead);
                Sse.Prefetch0(scales + Ahead + 64);
                Sse.Prefetch0(scales + Ahead + 128);
                Sse.Prefetch0(scales + Ahead + 192);
                Vector512<float> scale = Interleaving.Halves(scales), minimum = Interleaving.Halves(scales + 32);
                for (nint pair = 0; pair < 8; pair += 2, q += 32)
                {
                    Vector512<short> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
                    for (byte* stop = group + 512; group < stop; group += 64, q += 4)
                    {
                        Sse.Prefetch0(group + Ahead);
                        Vector512<byte> nibbles = Vector512.Load(group), lower = nibbles & low, upper = Interleaving.Upper(nibbles, low);
                        a0 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q));
                        b0 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + 32));
                        a1 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + stride));
                        b1 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + stride + 32));
                        a2 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + (2 * stride)));
                        b2 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + (2 * stride) + 32));
                        a3 += Avx512BW.MultiplyAddAdjacent(lower, Interleaving.Four(q + (3 * stride)));
                        b3 += Avx512BW.MultiplyAddAdjacent(upper, Interleaving.Four(q + (3 * stride) + 32));
                    }
                    Unpack(scales + PackedAt, pair, out Vector128<byte> s0, out Vector128<byte> m0, out Vector128<byte> s1, out Vector128<byte> m1);
                    Vector512<float> up = scale * ToFloats(s0), down = minimum * ToFloats(m0);
                    nint floats = stride / sizeof(float);
                    float* dx = d + pair, tx = totals + pair;
                    sum0 = Add(sum0, a0, ones, up, dx, down, tx);
                    sum1 = Add(sum1, a1, ones, up, dx + floats, down, tx + floats);
                    sum2 = Add(sum2, a2, ones, up, dx + (2 * floats), down, tx + (2 * floats));
                    sum3 = Add(sum3, a3, ones, up, dx + (3 * floats), down, tx + (3 * floats));
                    up = scale * ToFloats(s1);
                    down = minimum * ToFloats(m1);
                    dx++;
                    tx++;
                    sum0 = Add(sum0, b0, ones, up, dx, down, tx);
                    sum1 = Add(sum1, b1, ones, up, dx + floats, down, tx + floats);
                    sum2 = Add(sum2, b2, ones, up, dx + (2 * floats), down, tx + (2 * floats));
                    sum3 = Add(sum3, b3, ones, up, dx + (3 * floats), down, tx + (3 * floats));
                }
            }
            sum0.Store(y);
            sum1.Store(y + yStride);
            sum2.Store(y + (2 * yStride));
            sum3.Store(y + (3 * yStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<short> pairs, Vector512<short> ones, Vector512<float> scale, float* d, Vector512<float> minimum, float* total)
    {
        sum = Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(Avx512BW.MultiplyAddAdjacent(pairs, ones)), scale * Vector512.Create(*d), sum);
        return Avx512F.FusedMultiplyAdd(minimum, Vector512.Create(*total), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> ToFloats(Vector128<byte> values) => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(values));

    /// <summary>Scales and minimums of two neighbouring groups, see <see cref="SixBitScales"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unpack(byte* packed, nint group, out Vector128<byte> s0, out Vector128<byte> m0, out Vector128<byte> s1, out Vector128<byte> m1)
    {
        packed += group * Interleaving.Rows;
        if (group < 4)
        {
            Vector128<byte> six = Vector128.Create((byte)63);
            s0 = Vector128.Load(packed) & six;
            s1 = Vector128.Load(packed + 16) & six;
            m0 = Vector128.Load(packed + 64) & six;
            m1 = Vector128.Load(packed + 80) & six;
        }
        else
        {
            Vector128<byte> shared0 = Vector128.Load(packed + 64), shared1 = Vector128.Load(packed + 80);
            Vector128<byte> four = Vector128.Create((byte)15);
            s0 = (shared0 & four) | Bits(packed - 64);
            s1 = (shared1 & four) | Bits(packed - 48);
            m0 = (Vector128.ShiftRightLogical(shared0.AsUInt16(), 4).AsByte() & four) | Bits(packed);
            m1 = (Vector128.ShiftRightLogical(shared1.AsUInt16(), 4).AsByte() & four) | Bits(packed + 16);
        }
    }

    /// <summary>The two upper bits, as bits 4 and 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bits(byte* packed) => Vector128.ShiftRightLogical(Vector128.Load((ushort*)packed), 2).AsByte() & Vector128.Create((byte)0x30);
}
