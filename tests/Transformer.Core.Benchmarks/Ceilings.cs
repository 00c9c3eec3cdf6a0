using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Benchmarks;

/// <summary>What the machine can do at most: the figures that everything else is held against, measured in the same run.</summary>
internal static unsafe class Ceilings
{
    private const long Repetitions = 40_000_000;

    /// <summary>Sequential reading from memory, bytes a second.</summary>
    public static double ReadBandwidth(int threads, long bytes = 1L << 30)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        try
        {
            new Span<byte>(memory, (int)Math.Min(bytes, int.MaxValue)).Fill(1);
            nint start = (nint)memory;
            long share = bytes / threads / 512 * 512;
            return bytes / Best(threads, thread => Sum((byte*)start + (thread * share), share));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Single-precision multiply-adds, operations a second (two for each multiply-add).</summary>
    public static double FusedMultiplyAdd(int threads) =>
        Vector512.IsHardwareAccelerated
            ? threads * Repetitions * 16 * 2 * 16 / Best(threads, _ => MultiplyAdd())
            : threads * Repetitions * 10 * 2 * 8 / Best(threads, _ => MultiplyAdd256());

    /// <summary>Byte products summed to 32 bits by vpmaddubsw, vpmaddwd and vpaddd, operations a second.</summary>
    public static double? BytePairs(int threads) =>
        Avx512BW.IsSupported ? threads * Repetitions * 8 * 2 * 64 / Best(threads, _ => Pairs()) : null;

    /// <summary>Byte products summed to 32 bits by vpdpbusd (VEX form), operations a second.</summary>
    public static double? VnniPairs(int threads) =>
        AvxVnni.IsSupported ? threads * Repetitions * 16 * 2 * 32 / Best(threads, _ => Vnni()) : null;

    private static double Best(int threads, Func<int, long> work)
    {
        double best = double.MaxValue;
        for (int repetition = 0; repetition < 5; repetition++)
        {
            using Barrier barrier = new(threads);
            long sink = 0;
            Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(index => new Thread(() =>
            {
                barrier.SignalAndWait();
                Interlocked.Add(ref sink, work(index));
                barrier.SignalAndWait();
            }))];
            foreach (Thread thread in others)
                thread.Start();
            barrier.SignalAndWait();
            long start = Stopwatch.GetTimestamp();
            Interlocked.Add(ref sink, work(0));
            barrier.SignalAndWait();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            GC.KeepAlive(sink);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum(byte* start, long bytes)
    {
        Vector512<long> a = default, b = default, c = default, d = default;
        for (byte* p = start, end = start + bytes; p < end; p += 256)
        {
            a ^= Vector512.Load((long*)p);
            b ^= Vector512.Load((long*)(p + 64));
            c ^= Vector512.Load((long*)(p + 128));
            d ^= Vector512.Load((long*)(p + 192));
        }
        return Vector512.Sum(a ^ b ^ c ^ d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long MultiplyAdd()
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x;
        Vector512<float> b0 = x, b1 = x, b2 = x, b3 = x, b4 = x, b5 = x, b6 = x, b7 = x;
        for (long i = 0; i < Repetitions; i++)
        {
            a0 = Vector512.FusedMultiplyAdd(a0, x, y);
            a1 = Vector512.FusedMultiplyAdd(a1, x, y);
            a2 = Vector512.FusedMultiplyAdd(a2, x, y);
            a3 = Vector512.FusedMultiplyAdd(a3, x, y);
            a4 = Vector512.FusedMultiplyAdd(a4, x, y);
            a5 = Vector512.FusedMultiplyAdd(a5, x, y);
            a6 = Vector512.FusedMultiplyAdd(a6, x, y);
            a7 = Vector512.FusedMultiplyAdd(a7, x, y);
            b0 = Vector512.FusedMultiplyAdd(b0, x, y);
            b1 = Vector512.FusedMultiplyAdd(b1, x, y);
            b2 = Vector512.FusedMultiplyAdd(b2, x, y);
            b3 = Vector512.FusedMultiplyAdd(b3, x, y);
            b4 = Vector512.FusedMultiplyAdd(b4, x, y);
            b5 = Vector512.FusedMultiplyAdd(b5, x, y);
            b6 = Vector512.FusedMultiplyAdd(b6, x, y);
            b7 = Vector512.FusedMultiplyAdd(b7, x, y);
        }
        return (long)Vector512.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7);
    }

    /// <summary>Ten sums: with the two factors they fit sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long MultiplyAdd256()
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x;
        for (long i = 0; i < Repetitions; i++)
        {
            a0 = Vector256.FusedMultiplyAdd(a0, x, y);
            a1 = Vector256.FusedMultiplyAdd(a1, x, y);
            a2 = Vector256.FusedMultiplyAdd(a2, x, y);
            a3 = Vector256.FusedMultiplyAdd(a3, x, y);
            a4 = Vector256.FusedMultiplyAdd(a4, x, y);
            a5 = Vector256.FusedMultiplyAdd(a5, x, y);
            a6 = Vector256.FusedMultiplyAdd(a6, x, y);
            a7 = Vector256.FusedMultiplyAdd(a7, x, y);
            a8 = Vector256.FusedMultiplyAdd(a8, x, y);
            a9 = Vector256.FusedMultiplyAdd(a9, x, y);
        }
        return (long)Vector256.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Pairs()
    {
        Vector512<byte> w = Vector512.Create((byte)3);
        Vector512<sbyte> x = Vector512.Create((sbyte)2);
        Vector512<short> ones = Vector512.Create((short)1);
        Vector512<int> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (long i = 0; i < Repetitions; i++)
        {
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ a.AsSByte()), ones);
            b += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ b.AsSByte()), ones);
            c += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ c.AsSByte()), ones);
            d += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ d.AsSByte()), ones);
            e += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ e.AsSByte()), ones);
            f += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ f.AsSByte()), ones);
            g += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ g.AsSByte()), ones);
            h += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(w, x ^ h.AsSByte()), ones);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Vnni()
    {
        Vector256<byte> w = Vector256.Create((byte)3);
        Vector256<sbyte> x = Vector256.Create((sbyte)2);
        Vector256<int> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        Vector256<int> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        for (long i = 0; i < Repetitions; i++)
        {
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, w, x);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, w, x);
            a2 = AvxVnni.MultiplyWideningAndAdd(a2, w, x);
            a3 = AvxVnni.MultiplyWideningAndAdd(a3, w, x);
            a4 = AvxVnni.MultiplyWideningAndAdd(a4, w, x);
            a5 = AvxVnni.MultiplyWideningAndAdd(a5, w, x);
            a6 = AvxVnni.MultiplyWideningAndAdd(a6, w, x);
            a7 = AvxVnni.MultiplyWideningAndAdd(a7, w, x);
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, w, x);
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, w, x);
            b2 = AvxVnni.MultiplyWideningAndAdd(b2, w, x);
            b3 = AvxVnni.MultiplyWideningAndAdd(b3, w, x);
            b4 = AvxVnni.MultiplyWideningAndAdd(b4, w, x);
            b5 = AvxVnni.MultiplyWideningAndAdd(b5, w, x);
            b6 = AvxVnni.MultiplyWideningAndAdd(b6, w, x);
            b7 = AvxVnni.MultiplyWideningAndAdd(b7, w, x);
        }
        return Vector256.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + b0 + b1 + b2 + b3 + b4 + b5 + b6 + b7);
    }
}
