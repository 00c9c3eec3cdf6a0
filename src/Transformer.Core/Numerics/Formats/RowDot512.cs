using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Dot products of stored floats with floats on 512-bit vectors: what decoding spends its time on. A loop should take
/// fewer cycles than memory needs to bring the rows, so every instruction in it counts.
/// </summary>
/// <remarks>Compiled at once for full speed: tier by tier, they would be slow for the first hundreds of tokens.</remarks>
internal static unsafe class RowDot512
{
    // Operand of vrangeps: of two values the one of larger magnitude, with its own sign.
    private const byte LargerMagnitude = 0b0111;

    // Bytes to ask for ahead of the loop, of a row by itself and of each of four.
    private const int Ahead = 8192;
    private const int AheadOfFour = 2048;

    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>The product of one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<TFloat>(byte* row, float* x, nint length)
        where TFloat : struct, IStoredFloat
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default, top = default;
        byte* w = row;
        nint i = 0;
        for (; i <= length - 64; i += 64, w += 64 * TFloat.Bytes)
        {
            Sse.Prefetch0(w + Ahead);
            Sse.Prefetch0(w + Ahead + 64);
            if (TFloat.Bytes == sizeof(float))
            {
                Sse.Prefetch0(w + Ahead + 128);
                Sse.Prefetch0(w + Ahead + 192);
            }
            Add<TFloat>(w, Vector512.Load(x + i), Vector512.Load(x + i + 16), Vector512.Load(x + i + 32), Vector512.Load(x + i + 48), ref s0, ref s1, ref s2, ref s3, ref top);
        }
        for (; i <= length - 16; i += 16, w += 16 * TFloat.Bytes)
            s0 = Add<TFloat>(w, Vector512.Load(x + i), s0, ref top);
        return IsSpecial<TFloat>(top) ? Rest<TFloat>(row, x, 0, length, 0) : Rest<TFloat>(row, x, i, length, IntegerRowDot.Sum((s0 + s1) + (s2 + s3)));
    }

    /// <summary>
    /// The products of some rows, the same bits as one by one. Four rows at a time, a quarter of them all apart: memory
    /// delivers more to four streams than to one, and x, which with a long row does not stay in the nearest cache, is
    /// loaded once for four.
    /// </summary>
    /// <param name="rows">The rows, one after another.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="x">[length].</param>
    /// <param name="length">Values of a row.</param>
    /// <param name="y">[count].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots<TFloat>(byte* rows, nint count, float* x, nint length, float* y)
        where TFloat : struct, IStoredFloat
    {
        nint rowBytes = length * TFloat.Bytes;
        nint quarter = count / 4, apart = quarter * rowBytes;
        for (nint row = 0; row < quarter; row++, rows += rowBytes)
            Four<TFloat>(rows, apart, x, length, y + row, quarter);
        rows += 3 * apart;
        for (nint row = 4 * quarter; row < count; row++, rows += rowBytes)
            y[row] = Dot<TFloat>(rows, x, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TFloat>(byte* row, nint apart, float* x, nint length, float* y, nint yApart)
        where TFloat : struct, IStoredFloat
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, d0 = default, d1 = default, d2 = default, d3 = default;
        Vector512<float> top = default;
        byte* a = row, b = a + apart, c = b + apart, d = c + apart;
        nint i = 0;
        for (; i <= length - 64; i += 64)
        {
            Vector512<float> x0 = Vector512.Load(x + i), x1 = Vector512.Load(x + i + 16), x2 = Vector512.Load(x + i + 32), x3 = Vector512.Load(x + i + 48);
            Prefetch<TFloat>(a + AheadOfFour);
            Add<TFloat>(a, x0, x1, x2, x3, ref a0, ref a1, ref a2, ref a3, ref top);
            Prefetch<TFloat>(b + AheadOfFour);
            Add<TFloat>(b, x0, x1, x2, x3, ref b0, ref b1, ref b2, ref b3, ref top);
            Prefetch<TFloat>(c + AheadOfFour);
            Add<TFloat>(c, x0, x1, x2, x3, ref c0, ref c1, ref c2, ref c3, ref top);
            Prefetch<TFloat>(d + AheadOfFour);
            Add<TFloat>(d, x0, x1, x2, x3, ref d0, ref d1, ref d2, ref d3, ref top);
            a += 64 * TFloat.Bytes;
            b += 64 * TFloat.Bytes;
            c += 64 * TFloat.Bytes;
            d += 64 * TFloat.Bytes;
        }
        for (; i <= length - 16; i += 16)
        {
            Vector512<float> x0 = Vector512.Load(x + i);
            a0 = Add<TFloat>(a, x0, a0, ref top);
            b0 = Add<TFloat>(b, x0, b0, ref top);
            c0 = Add<TFloat>(c, x0, c0, ref top);
            d0 = Add<TFloat>(d, x0, d0, ref top);
            a += 16 * TFloat.Bytes;
            b += 16 * TFloat.Bytes;
            c += 16 * TFloat.Bytes;
            d += 16 * TFloat.Bytes;
        }
        y[0] = IntegerRowDot.Sum((a0 + a1) + (a2 + a3));
        y[yApart] = IntegerRowDot.Sum((b0 + b1) + (b2 + b3));
        y[2 * yApart] = IntegerRowDot.Sum((c0 + c1) + (c2 + c3));
        y[3 * yApart] = IntegerRowDot.Sum((d0 + d1) + (d2 + d3));

        // Calls come when no vector is alive any more: one that lives across a call lives on the stack.
        bool special = IsSpecial<TFloat>(top);
        if (i == length && !special)
            return;
        for (nint k = 0; k < 4; k++)
            y[k * yApart] = special ? Dot<TFloat>(row + (k * apart), x, length) : Rest<TFloat>(row + (k * apart), x, i, length, y[k * yApart]);
    }

    /// <summary>Adds the values of a row from one on, one by one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Rest<TFloat>(byte* row, float* x, nint start, nint length, float sum)
        where TFloat : struct, IStoredFloat
    {
        for (nint i = start; i < length; i++)
            sum += TFloat.Value(row + (i * TFloat.Bytes)) * x[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add<TFloat>(byte* w, Vector512<float> x, Vector512<float> sum, ref Vector512<float> top)
        where TFloat : struct, IStoredFloat
    {
        Vector512<float> value = TFloat.Load(w);
        top = Larger<TFloat>(top, value);
        return Avx512F.FusedMultiplyAdd(value, x, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TFloat>(byte* w, Vector512<float> x0, Vector512<float> x1, Vector512<float> x2, Vector512<float> x3, ref Vector512<float> s0, ref Vector512<float> s1, ref Vector512<float> s2, ref Vector512<float> s3, ref Vector512<float> top)
        where TFloat : struct, IStoredFloat
    {
        Vector512<float> w0 = TFloat.Load(w), w1 = TFloat.Load(w + (16 * TFloat.Bytes));
        Vector512<float> w2 = TFloat.Load(w + (32 * TFloat.Bytes)), w3 = TFloat.Load(w + (48 * TFloat.Bytes));
        s0 = Avx512F.FusedMultiplyAdd(w0, x0, s0);
        s1 = Avx512F.FusedMultiplyAdd(w1, x1, s1);
        s2 = Avx512F.FusedMultiplyAdd(w2, x2, s2);
        s3 = Avx512F.FusedMultiplyAdd(w3, x3, s3);
        top = Larger<TFloat>(top, Larger<TFloat>(Larger<TFloat>(w0, w1), Larger<TFloat>(w2, w3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Larger<TFloat>(Vector512<float> a, Vector512<float> b)
        where TFloat : struct, IStoredFloat => TFloat.IsFiniteOnly ? Avx512DQ.Range(a, b, LargerMagnitude) : a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSpecial<TFloat>(Vector512<float> top)
        where TFloat : struct, IStoredFloat => TFloat.IsFiniteOnly && Vector512.GreaterThanOrEqualAny(Vector512.Abs(top), Vector512.Create(65536f));

    /// <summary>
    /// Asks for 64 values; used once, they need not go through the larger caches on their way out. Not for four rows of
    /// whole floats: with so few instructions a byte, the processor looks further ahead by itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TFloat>(byte* w)
        where TFloat : struct, IStoredFloat
    {
        if (TFloat.Bytes == sizeof(float))
            return;
        Sse.PrefetchNonTemporal(w);
        Sse.PrefetchNonTemporal(w + 64);
    }
}
