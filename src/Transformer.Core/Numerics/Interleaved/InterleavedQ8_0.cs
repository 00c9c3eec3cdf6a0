using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>
/// Sixteen rows of <see cref="Q8_0"/>, block after block: 512 bytes of quants, then the sixteen scales. The quants 2v and
/// 2v + 1 of every row stand in 32 bytes, and meet two 16-bit activations.
/// </summary>
internal readonly unsafe partial struct InterleavedQ8_0 : IInterleavedFormat<Q8_0>
{
    private const int RowBlockBytes = 34;
    private const int ScalesAt = 512;
    private const int BlockBytes = Interleaving.Rows * RowBlockBytes;
    private const int Ahead = 4096;

    public static bool IsSupported => Avx512BW.IsSupported;

    public static bool AreScalesFinite(byte* row, nint blocks) => Interleaving.AreFinite(row, RowBlockBytes, blocks);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join(byte* rows, nint rowBytes, nint blocks, byte* group)
    {
        for (nint block = 0; block < blocks; block++, group += BlockBytes, rows += RowBlockBytes)
        {
            for (nint row = 0; row < Interleaving.Rows; row++)
            {
                short* source = (short*)(rows + (row * rowBytes));
                ((short*)(group + ScalesAt))[row] = source[0];
                for (nint i = 0; i < 16; i++)
                    ((short*)group)[(i * Interleaving.Rows) + row] = source[1 + i];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Part(byte* group, nint row, nint count, byte* target)
    {
        for (nint block = 0; block < count; block++, group += BlockBytes, target += RowBlockBytes)
        {
            *(short*)target = ((short*)(group + ScalesAt))[row];
            for (nint i = 0; i < 16; i++)
                ((short*)target)[1 + i] = ((short*)group)[(i * Interleaving.Rows) + row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dot(byte* group, nint count, QuantizedRow x, nint blocks, float* y)
    {
        // Two streams at once: memory delivers more than one of them can ask for.
        byte* other = group + (count / 2 * blocks * BlockBytes);
        float* half = y + (count / 2 * Interleaving.Rows);
        nint rest = (nint)(half - y);
        for (float* last = half; y < last; y += Interleaving.Rows)
        {
            Vector512<float> sum = default, otherSum = default;
            byte* q = x.Quants;
            float* d = x.Scales;
            for (byte* end = group + (blocks * BlockBytes); group < end; group += BlockBytes, other += BlockBytes, q += 64, d++)
            {
                sum = AddBlock(sum, group, q, d);
                otherSum = AddBlock(otherSum, other, q, d);
            }
            sum.Store(y);
            otherSum.Store(y + rest);
        }
        if (count % 2 == 0)
            return;
        Vector512<float> odd = default;
        for (nint block = 0; block < blocks; block++)
            odd = AddBlock(odd, other + (block * BlockBytes), x.Quants + (block * 64), x.Scales + block);
        odd.Store(y + rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride)
    {
        for (float* last = y + (count * Interleaving.Rows); y < last; y += Interleaving.Rows)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            byte* q = x.Quants, d = (byte*)x.Scales;
            for (byte* end = group + (blocks * BlockBytes); group < end; q += 64, d += sizeof(float), group += 32)
            {
                Vector512<int> a0 = default, a1 = default, a2 = default, a3 = default;
                for (byte* stop = group + ScalesAt; group < stop; group += 32, q += 4)
                {
                    Sse.Prefetch0(group + Ahead);
                    Vector512<short> w = Quants(group);
                    a0 += Avx512BW.MultiplyAddAdjacent(w, Two(q));
                    a1 += Avx512BW.MultiplyAddAdjacent(w, Two(q + stride));
                    a2 += Avx512BW.MultiplyAddAdjacent(w, Two(q + (2 * stride)));
                    a3 += Avx512BW.MultiplyAddAdjacent(w, Two(q + (3 * stride)));
                }
                q -= 64;
                Vector512<float> scale = Interleaving.Halves(group);
                s0 = Add(s0, a0, scale, d);
                s1 = Add(s1, a1, scale, d + stride);
                s2 = Add(s2, a2, scale, d + (2 * stride));
                s3 = Add(s3, a3, scale, d + (3 * stride));
            }
            s0.Store(y);
            s1.Store(y + yStride);
            s2.Store(y + (2 * yStride));
            s3.Store(y + (3 * yStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddBlock(Vector512<float> sum, byte* block, byte* q, float* d)
    {
        Vector512<int> even = default, odd = default;
        for (nint i = 0; i < 16; i += 4)
        {
            Sse.Prefetch0(block + Ahead);
            Sse.Prefetch0(block + Ahead + 64);
            even += Avx512BW.MultiplyAddAdjacent(Quants(block), Two(q));
            odd += Avx512BW.MultiplyAddAdjacent(Quants(block + 32), Two(q + 4));
            even += Avx512BW.MultiplyAddAdjacent(Quants(block + 64), Two(q + 8));
            odd += Avx512BW.MultiplyAddAdjacent(Quants(block + 96), Two(q + 12));
            block += 128;
            q += 16;
        }
        Sse.Prefetch0(block + Ahead);
        return Add(sum, even + odd, Interleaving.Halves(block), (byte*)d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Quants(byte* w) => Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)w));

    /// <summary>Two activations for every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Two(byte* q) => Vector512.Create(*(int*)q).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, Vector512<int> products, Vector512<float> scale, byte* d) =>
        Avx512F.FusedMultiplyAdd(Avx512F.ConvertToVector512Single(products), scale * Vector512.Create(*(float*)d), sum);
}
