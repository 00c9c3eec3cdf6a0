using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The loops over rows of an <see cref="IGroupedIntegerFormat{TSelf}"/>; compiled once for each.</summary>
[SkipLocalsInit]
internal static unsafe class GroupedIntegerRow
{
    private const int Ahead = 8192;

    public static int GroupLength<TFormat>()
        where TFormat : struct, IGroupedFormat => TFormat.GroupLength;

    /// <summary>Parameters as in <see cref="IIntegerFormat.Unpack"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unpack<TFormat>(byte* blocks, int count, byte* quants, float* scales, float* minimums)
        where TFormat : struct, IGroupedIntegerFormat<TFormat>
    {
        for (byte* end = quants + count; quants < end; quants += TFormat.BlockLength, blocks += TFormat.BlockBytes)
        {
            UnpackBlock<TFormat>(blocks, quants, scales, minimums);
            scales += TFormat.BlockLength / GroupLength<TFormat>();
            minimums += TFormat.BlockLength / GroupLength<TFormat>();
        }
    }

    /// <summary>Parameters as in <see cref="IIntegerFormat.Dots"/>.</summary>
    public static void Dots<TFormat>(byte* rows, int count, QuantizedRow x, int columns, float* y)
        where TFormat : struct, IGroupedIntegerFormat<TFormat>
    {
        for (nint i = 0; i < count; i++, rows += (nint)columns / TFormat.BlockLength * TFormat.BlockBytes)
            y[i] = Avx2.IsSupported ? Dot<TFormat>(rows, x, columns) : Dot128<TFormat>(rows, x, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot<TFormat>(byte* blocks, QuantizedRow x, int count)
        where TFormat : struct, IGroupedIntegerFormat<TFormat>
    {
        byte* quants = stackalloc byte[GroupedRow.LongestBlock];
        float* scales = stackalloc float[2 * GroupedRow.MostGroups];
        float* minimums = scales + GroupedRow.MostGroups;
        Vector256<float> sum = default;
        float low = 0;
        nint block = 0;
        for (nint start = 0; start < count; start += TFormat.BlockLength, blocks += TFormat.BlockBytes)
        {
            Sse.Prefetch0(blocks + Ahead);
            UnpackBlock<TFormat>(blocks, quants, scales, minimums);
            nint group = 0;
            for (nint i = 0; i < TFormat.BlockLength; i += BlockQuantizer.Length, block++)
            {
                // Lanes 0 to 3 belong to the first half of the 32 values, lanes 4 to 7 to the second.
                Vector256<short> pairs = Avx2.MultiplyAddAdjacent(Vector256.Load(quants + i), Vector256.Load((sbyte*)x.Quants + start + i));
                Vector256<float> products = Avx.ConvertToVector256Single(Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One));
                Vector256<float> scale;
                if (GroupLength<TFormat>() == 32)
                {
                    scale = Vector256.Create(scales[group]);
                    low += ((scales[group] * TFormat.Offset) + minimums[group]) * x.NegatedTotals[block];
                    group++;
                }
                else
                {
                    scale = Vector256.Create(Vector128.Create(scales[group]), Vector128.Create(scales[group + 1]));
                    low += ((scales[group] * TFormat.Offset) + minimums[group]) * x.NegatedHalfTotals[2 * block];
                    low += ((scales[group + 1] * TFormat.Offset) + minimums[group + 1]) * x.NegatedHalfTotals[(2 * block) + 1];
                    group += 2;
                }
                sum = Vector256.MultiplyAddEstimate(products, scale * Vector256.Create(x.Scales[block]), sum);
            }
        }
        return Vector256.Sum(sum) + low;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot128<TFormat>(byte* blocks, QuantizedRow x, int count)
        where TFormat : struct, IGroupedIntegerFormat<TFormat>
    {
        byte* quants = stackalloc byte[GroupedRow.LongestBlock];
        float* scales = stackalloc float[2 * GroupedRow.MostGroups];
        float* minimums = scales + GroupedRow.MostGroups;
        Vector128<float> even = default, odd = default;
        float low = 0;
        nint block = 0;
        for (nint start = 0; start < count; start += TFormat.BlockLength, blocks += TFormat.BlockBytes)
        {
            UnpackBlock<TFormat>(blocks, quants, scales, minimums);
            nint group = 0;
            for (nint i = 0; i < TFormat.BlockLength; i += BlockQuantizer.Length, block++)
            {
                sbyte* q = (sbyte*)x.Quants + start + i;
                Vector128<int> first = Products128.AddFours(default, Vector128.Load(quants + i), Vector128.Load(q));
                float d = x.Scales[block];
                low += ((scales[group] * TFormat.Offset) + minimums[group]) * (GroupLength<TFormat>() == 32 ? x.NegatedTotals[block] : x.NegatedHalfTotals[2 * block]);
                if (GroupLength<TFormat>() == 32)
                {
                    first = Products128.AddFours(first, Vector128.Load(quants + i + 16), Vector128.Load(q + 16));
                    even = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(first), Vector128.Create(scales[group] * d), even);
                    group++;
                }
                else
                {
                    Vector128<int> second = Products128.AddFours(default, Vector128.Load(quants + i + 16), Vector128.Load(q + 16));
                    even = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(first), Vector128.Create(scales[group] * d), even);
                    odd = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(second), Vector128.Create(scales[group + 1] * d), odd);
                    low += ((scales[group + 1] * TFormat.Offset) + minimums[group + 1]) * x.NegatedHalfTotals[(2 * block) + 1];
                    group += 2;
                }
            }
        }
        return Vector128.Sum(even + odd) + low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackBlock<TFormat>(byte* block, byte* quants, float* scales, float* minimums)
        where TFormat : struct, IGroupedIntegerFormat<TFormat>
    {
        TFormat.Unpack(block, (sbyte*)quants, scales, minimums);
        if (TFormat.Offset == 0)
            return;
        for (int i = 0; !Vector256.IsHardwareAccelerated && i < TFormat.BlockLength; i += 16)
            (Vector128.Load(quants + i) + Vector128.Create((byte)TFormat.Offset)).Store(quants + i);
        for (int i = 0; Vector256.IsHardwareAccelerated && i < TFormat.BlockLength; i += 32)
            (Vector256.Load(quants + i) + Vector256.Create((byte)TFormat.Offset)).Store(quants + i);
    }
}
