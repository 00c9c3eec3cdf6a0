using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Products of one stored row with one row of integers: what decoding a token does with every row of every matrix,
/// at the speed at which memory delivers them. A block's products are added up exactly, then scaled.
/// </summary>
/// <remarks>
/// Scales are read as <see cref="RowScales"/> does. A row in which one is infinite or NaN is computed again the long way.
/// </remarks>
internal static unsafe class IntegerRowDot
{
    // Operand of vrangeps: of two values the one of larger magnitude, with its own sign.
    private const byte LargerMagnitude = 0b0111;

    private const int Ahead = 8192;

    private static ReadOnlySpan<byte> PairNibbles =>
    [
        2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
        20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
    ];

    private static ReadOnlySpan<byte> PairScales =>
    [
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1,
        18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19, 18, 18, 18, 19,
    ];

    // Words of upper nibbles are shifted by 4.
    private static ReadOnlySpan<byte> PairShifts =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0, 4, 0,
    ];

    // As data, these stay in registers; the compiler would load a constant that it knows again in every round.
    public static ReadOnlySpan<byte> LowNibbles =>
    [
        15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
        15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
    ];

    public static ReadOnlySpan<byte> Ones =>
    [
        1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
        1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
    ];

    private static ReadOnlySpan<byte> HalfMask =>
    [
        0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143,
        0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143, 0, 224, 255, 143,
    ];

    /// <summary>Q4_0 with 8-bit activations; parameters as in <see cref="IIntegerFormat.Dots"/>, but blocks instead of values.</summary>
    public static void Q4_0(byte* rows, nint count, QuantizedRow x, nint blocks, float* y)
    {
        // A vector holds a pair of blocks and 28 bytes beside it, which must be the row's or those of rows behind it.
        if (Avx512Vbmi.IsSupported && blocks >= 4)
        {
            Q4_0Pairs(rows, count, x, blocks, y);
            return;
        }
        if (IntegerRowDot128.IsSupported)
        {
            IntegerRowDot128.Dots<IntegerRowDot128.FourBits, Q4_0>(rows, count, x, blocks, y);
            return;
        }
        for (nint i = 0; i < count; i++, rows += blocks * 18)
        {
            float sum = Q4_0Blocks(rows, x, 0, blocks, out float largest);
            y[i] = largest < RowScales.Special ? sum * QuantizedRow.HalfwayScale : RowScales.LongWay<Q4_0>(rows, x, blocks, 8);
        }
    }

    /// <summary>Q5_0 with 8-bit activations.</summary>
    public static void Q5_0(byte* rows, nint count, QuantizedRow x, nint blocks, float* y)
    {
        if (IntegerRowDot128.IsSupported)
        {
            IntegerRowDot128.Dots<IntegerRowDot128.FiveBits, Q5_0>(rows, count, x, blocks, y);
            return;
        }
        for (nint i = 0; i < count; i++, rows += blocks * 22)
        {
            float sum = Q5_0Blocks(rows, x, blocks, out float largest);
            y[i] = largest < RowScales.Special ? sum * QuantizedRow.HalfwayScale : RowScales.LongWay<Q5_0>(rows, x, blocks, 8);
        }
    }

    /// <summary>Q8_0 with 16-bit activations.</summary>
    public static void Q8_0(byte* rows, nint count, QuantizedRow x, nint blocks, float* y)
    {
        if (Avx512BW.IsSupported)
        {
            Q8_0Wide(rows, count, x, blocks, y);
            return;
        }
        if (IntegerRowDot128.IsSupported)
        {
            IntegerRowDot128.Dots<IntegerRowDot128.EightBits, Q8_0>(rows, count, x, blocks, y);
            return;
        }
        for (nint i = 0; i < count; i++, rows += blocks * 34)
        {
            float sum = Q8_0Blocks(rows, x, blocks, out float largest);
            y[i] = largest < RowScales.Special ? sum * QuantizedRow.HalfwayScale : RowScales.LongWay<Q8_0>(rows, x, blocks, 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q4_0Pairs(byte* block, nint count, QuantizedRow x, nint blocks, float* y)
    {
        Vector512<byte> nibbles = Vector512.Create(PairNibbles), scales = Vector512.Create(PairScales), shifts = Vector512.Create(PairShifts);
        Vector512<byte> low = Vector512.Create(LowNibbles), ones = Vector512.Create(Ones), half = Vector512.Create(HalfMask);
        byte* limit = block + (count * blocks * 18);
        for (float* last = y + count; y < last; y++)
        {
            sbyte* q = (sbyte*)x.Quants;
            float* d = x.HalfwayScales;
            int* n = x.NegatedSums;
            Vector512<float> even = default, odd = default, top = default;
            byte* end = block + (blocks * 18);
            byte* safe = Min(end - 72, limit - 100);
            for (; block <= safe; block += 72, q += 128, d += 32, n += 32)
            {
                Sse.Prefetch0(block + Ahead);
                Vector512<byte> first = Vector512.Load(block), second = Vector512.Load(block + 36);
                Vector512<float> scale0 = Q4_0Scales(first, scales, half), scale1 = Q4_0Scales(second, scales, half);
                even = Avx512F.FusedMultiplyAdd(Q4_0Products(first, nibbles, shifts, low, ones, q, n), scale0 * Vector512.Load(d), even);
                odd = Avx512F.FusedMultiplyAdd(Q4_0Products(second, nibbles, shifts, low, ones, q + 64, n + 16), scale1 * Vector512.Load(d + 16), odd);
                top = Avx512DQ.Range(top, Avx512DQ.Range(scale0, scale1, LargerMagnitude), LargerMagnitude);
            }
            for (; block + 36 <= end; block += 36, q += 64, d += 16, n += 16)
            {
                // At the very end the vector ends with its pair of blocks. Which pairs come this way depends on where the
                // rows end, which must not change a sum: so they go to the two sums in turn, as above.
                Vector512<byte> back = Vector512.Create((byte)(block + 64 <= limit ? 0 : 28));
                Vector512<byte> pair = Vector512.Load(block - back.ToScalar());
                Vector512<float> scale = Q4_0Scales(pair, scales + back, half);
                Vector512<float> added = Avx512F.FusedMultiplyAdd(Q4_0Products(pair, nibbles + back, shifts, low, ones, q, n), scale * Vector512.Load(d), even);
                even = odd;
                odd = added;
                top = Avx512DQ.Range(top, scale, LargerMagnitude);
            }
            float sum = Sum(even + odd);
            float largest = Vector512.GreaterThanOrEqualAny(Vector512.Abs(top), Vector512.Create(RowScales.Special)) ? RowScales.Special : 0;
            if (block < end)
            {
                sum += Q4_0Blocks(end - (blocks * 18), x, blocks - 1, blocks, out float single);
                largest = Math.Max(largest, single);
                block = end;
            }
            *y = largest < RowScales.Special ? sum * QuantizedRow.HalfwayScale : RowScales.LongWay<Q4_0>(end - (blocks * 18), x, blocks, 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Min(byte* a, byte* b) => a < b ? a : b;

    /// <summary>The products of two blocks, lanes 0 to 7 of the first, 8 to 15 of the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Q4_0Products(Vector512<byte> pair, Vector512<byte> nibbles, Vector512<byte> shifts, Vector512<byte> low, Vector512<byte> ones, sbyte* q, int* n)
    {
        Vector512<byte> w = Avx512BW.ShiftRightLogicalVariable(Avx512Vbmi.PermuteVar64x8(pair, nibbles).AsUInt16(), shifts.AsUInt16()).AsByte() & low;

        // The offset of 8 is taken off as the block's sum in each of its eight lanes.
        return Avx512F.ConvertToVector512Single(Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, Vector512.Load(q)), ones.AsInt16()) + Vector512.Load(n));
    }

    /// <summary>The scales of two blocks, in the same lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Q4_0Scales(Vector512<byte> pair, Vector512<byte> scales, Vector512<byte> half) =>
        (Avx512F.ShiftRightArithmetic(Avx512Vbmi.PermuteVar64x8(pair, scales).AsInt32(), 3) & half.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q4_0Blocks(byte* row, QuantizedRow x, nint first, nint end, out float largest)
    {
        Vector256<float> sum = default;
        int top = 0;
        for (nint i = first; i < end; i++)
        {
            byte* block = row + (i * 18);
            Vector128<byte> pairs = Vector128.Load(block + 2);
            Vector256<byte> w = Vector256.Create(pairs, Vector128.ShiftRightLogical(pairs.AsUInt16(), 4).AsByte()) & Vector256.Create((byte)0xF);
            Vector256<int> products = Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w, Vector256.Load((sbyte*)x.Quants + (i * 32))), Vector256<short>.One);
            products += Vector256.Load(x.NegatedSums + (i * 8));
            sum = Vector256.MultiplyAddEstimate(Avx.ConvertToVector256Single(products), Vector256.Load(x.HalfwayScales + (i * 8)) * RowScales.Read(block, ref top), sum);
        }
        largest = BitConverter.Int32BitsToSingle(top);
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q5_0Blocks(byte* row, QuantizedRow x, nint blocks, out float largest)
    {
        Vector256<float> sum = default;
        int top = 0;
        for (nint i = 0; i < blocks; i++, row += 22)
        {
            Sse.Prefetch0(row + Ahead);
            Vector256<byte> w = FifthBits.Unpack(row + 2, row + 6).AsByte();
            Vector256<int> products = Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(w, Vector256.Load((sbyte*)x.Quants + (i * 32))), Vector256<short>.One);

            // The offset of 16 is taken off as twice the block's sum in each of eight lanes.
            products += Vector256.ShiftLeft(Vector256.Load(x.NegatedSums + (i * 8)), 1);
            sum = Vector256.MultiplyAddEstimate(Avx.ConvertToVector256Single(products), Vector256.Load(x.HalfwayScales + (i * 8)) * RowScales.Read(row, ref top), sum);
        }
        largest = BitConverter.Int32BitsToSingle(top);
        return Vector256.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q8_0Wide(byte* row, nint count, QuantizedRow x, nint blocks, float* y)
    {
        for (float* last = y + count; y < last; y++)
        {
            Vector512<float> even = default, odd = default, top = default;
            short* q = (short*)x.Quants;
            float* d = x.HalfwayScales;
            nint i = 0;
            for (; i <= blocks - 2; i += 2, row += 68, q += 64, d += 2)
            {
                Sse.Prefetch0(row + Ahead);
                Vector512<float> scale0 = Q8_0Scale(row), scale1 = Q8_0Scale(row + 34);
                even = Avx512F.FusedMultiplyAdd(Q8_0Products(row, q), scale0 * Vector512.Create(*d), even);
                odd = Avx512F.FusedMultiplyAdd(Q8_0Products(row + 34, q + 32), scale1 * Vector512.Create(d[1]), odd);
                top = Avx512DQ.Range(top, Avx512DQ.Range(scale0, scale1, LargerMagnitude), LargerMagnitude);
            }
            if (i < blocks)
            {
                Vector512<float> scale = Q8_0Scale(row);
                even = Avx512F.FusedMultiplyAdd(Q8_0Products(row, q), scale * Vector512.Create(*d), even);
                top = Avx512DQ.Range(top, scale, LargerMagnitude);
                row += 34;
            }
            bool special = Vector512.GreaterThanOrEqualAny(Vector512.Abs(top), Vector512.Create(RowScales.Special));
            *y = special ? RowScales.LongWay<Q8_0>(row - (blocks * 34), x, blocks, 16) : Sum(even + odd) * QuantizedRow.HalfwayScale;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Q8_0Products(byte* block, short* q) =>
        Avx512F.ConvertToVector512Single(Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)block + 2)), Vector512.Load(q)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Q8_0Scale(byte* block) =>
        (Avx512F.ShiftRightArithmetic(Vector512.Create(*(short*)block).AsInt32(), 3) & Vector512.Create(RowScales.HalfBits)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Q8_0Blocks(byte* row, QuantizedRow x, nint blocks, out float largest)
    {
        Vector256<float> sum = default;
        short* q = (short*)x.Quants;
        int top = 0;
        for (nint i = 0; i < blocks; i++, row += 34, q += 32)
        {
            Vector256<int> products = Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16((sbyte*)row + 2), Vector256.Load(q));
            products += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16((sbyte*)row + 18), Vector256.Load(q + 16));
            sum = Vector256.MultiplyAddEstimate(Avx.ConvertToVector256Single(products), Vector256.Create(x.HalfwayScales[i] * RowScales.Read(row, ref top)), sum);
        }
        largest = BitConverter.Int32BitsToSingle(top);
        return Vector256.Sum(sum);
    }

    /// <summary>The sum of all lanes, by halves: a quarter of the instructions of <see cref="Vector512.Sum"/>, which keeps to an order of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        Vector256<float> half = lanes.GetLower() + lanes.GetUpper();
        return Vector128.Sum(half.GetLower() + half.GetUpper());
    }
}
