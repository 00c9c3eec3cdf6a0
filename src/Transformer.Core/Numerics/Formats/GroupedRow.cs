using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The loops over rows of an <see cref="IGroupedFormat"/>; compiled once for each.</summary>
[SkipLocalsInit]
internal static unsafe class GroupedRow
{
    /// <summary>Values of the largest block.</summary>
    public const int LongestBlock = 256;

    /// <summary>Groups of the block that has most.</summary>
    public const int MostGroups = 16;

    private const int Ahead = 1536;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TFormat>(ReadOnlySpan<byte> blocks, Span<float> values)
        where TFormat : struct, IGroupedFormat
    {
        BlockSpans.Validate<TFormat>(blocks.Length, values.Length);
        sbyte* q = stackalloc sbyte[LongestBlock];
        float* scales = stackalloc float[2 * MostGroups];
        fixed (byte* row = blocks)
        fixed (float* target = values)
        {
            byte* block = row;
            float* end = target + values.Length;
            for (float* y = target; y < end; y += TFormat.BlockLength, block += TFormat.BlockBytes)
            {
                TFormat.Unpack(block, q, scales, scales + MostGroups);
                Scale<TFormat>(q, scales, scales + MostGroups, y);
            }
        }
    }

    public static void DecodeScalar<TFormat>(ReadOnlySpan<byte> blocks, Span<float> values)
        where TFormat : struct, IGroupedFormat
    {
        BlockSpans.Validate<TFormat>(blocks.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
            values[i] = TFormat.Value(blocks.Slice(i / TFormat.BlockLength * TFormat.BlockBytes, TFormat.BlockBytes), i % TFormat.BlockLength);
    }

    /// <summary>Σ value·x.</summary>
    public static float Dot<TFormat>(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
        where TFormat : struct, IGroupedFormat
    {
        BlockSpans.Validate<TFormat>(blocks.Length, x.Length);
        return Avx512F.IsSupported ? Dot512<TFormat>(blocks, x) : DotDecoded<TFormat>(blocks, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot512<TFormat>(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
        where TFormat : struct, IGroupedFormat
    {
        sbyte* q = stackalloc sbyte[LongestBlock];
        float* scales = stackalloc float[2 * MostGroups];
        Vector512<float> s0 = default, s1 = default;
        fixed (byte* row = blocks)
        fixed (float* input = x)
        {
            byte* block = row;
            float* end = input + x.Length;
            for (float* values = input; values < end; values += TFormat.BlockLength, block += TFormat.BlockBytes)
            {
                Sse.Prefetch0(block + Ahead);
                TFormat.Unpack(block, q, scales, scales + MostGroups);
                for (int i = 0; i < TFormat.BlockLength; i += 32)
                {
                    s0 = Avx512F.FusedMultiplyAdd(Weights<TFormat>(q, scales, i), Vector512.Load(values + i), s0);
                    s1 = Avx512F.FusedMultiplyAdd(Weights<TFormat>(q, scales, i + 16), Vector512.Load(values + i + 16), s1);
                }
            }
        }
        return Vector512.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Weights<TFormat>(sbyte* q, float* scales, int i)
        where TFormat : struct, IGroupedFormat
    {
        Vector512<float> floats = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(q + i)));
        return Avx512F.FusedMultiplySubtract(floats, Vector512.Create(scales[i / TFormat.GroupLength]), Vector512.Create(scales[MostGroups + (i / TFormat.GroupLength)]));
    }

    /// <summary>Decodes a block at a time into the stack.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float DotDecoded<TFormat>(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
        where TFormat : struct, IGroupedFormat
    {
        sbyte* q = stackalloc sbyte[LongestBlock];
        float* scales = stackalloc float[2 * MostGroups];
        float* weights = stackalloc float[LongestBlock];
        Vector<float> s0 = default, s1 = default;
        fixed (byte* row = blocks)
        fixed (float* input = x)
        {
            byte* block = row;
            float* end = input + x.Length;
            for (float* values = input; values < end; values += TFormat.BlockLength, block += TFormat.BlockBytes)
            {
                TFormat.Unpack(block, q, scales, scales + MostGroups);
                Scale<TFormat>(q, scales, scales + MostGroups, weights);

                // The shortest block is 32 values, two of the widest vectors.
                for (int i = 0; i < TFormat.BlockLength; i += 2 * Vector<float>.Count)
                {
                    s0 = Vector.MultiplyAddEstimate(Vector.Load(weights + i), Vector.Load(values + i), s0);
                    s1 = Vector.MultiplyAddEstimate(Vector.Load(weights + i + Vector<float>.Count), Vector.Load(values + i + Vector<float>.Count), s1);
                }
            }
        }
        return Vector.Sum(s0 + s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TFormat>(sbyte* q, float* scales, float* minimums, float* values)
        where TFormat : struct, IGroupedFormat
    {
        for (int i = 0; i < TFormat.BlockLength; i += 16)
        {
            int group = i / TFormat.GroupLength;
            Scale16(q + i, scales[group], minimums[group], values + i);
        }
    }

    // No fused multiply-add anywhere: it would round once where the definition rounds twice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale16(sbyte* q, float scale, float minimum, float* values)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<float> floats = Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(q)));
            ((floats * Vector512.Create(scale)) - Vector512.Create(minimum)).Store(values);
        }
        else if (Avx2.IsSupported)
        {
            Vector256<float> low = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(q));
            Vector256<float> high = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(q + 8));
            ((low * Vector256.Create(scale)) - Vector256.Create(minimum)).Store(values);
            ((high * Vector256.Create(scale)) - Vector256.Create(minimum)).Store(values + 8);
        }
        else
        {
            Vector128<sbyte> bytes = Vector128.Load(q);
            Vector128<short> low = Vector128.WidenLower(bytes), high = Vector128.WidenUpper(bytes);
            Scale4(Vector128.WidenLower(low), scale, minimum, values);
            Scale4(Vector128.WidenUpper(low), scale, minimum, values + 4);
            Scale4(Vector128.WidenLower(high), scale, minimum, values + 8);
            Scale4(Vector128.WidenUpper(high), scale, minimum, values + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale4(Vector128<int> q, float scale, float minimum, float* values) =>
        ((Vector128.ConvertToSingle(q) * Vector128.Create(scale)) - Vector128.Create(minimum)).Store(values);
}
