using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Decodes whole blocks with 512-bit vectors: what a product for many tokens does once with each row. The same bits
/// as the formats' scalar references.
/// </summary>
internal static unsafe class RowDecode512
{
    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>Q8_0: 32 signed bytes and a scale.</summary>
    public static void Q8_0(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        fixed (byte* row = blocks)
        fixed (float* target = values)
            Q8_0(row, target, values.Length / Block32.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q8_0(byte* block, float* values, nint blocks)
    {
        for (nint i = 0; i < blocks; i++, block += 34, values += 32)
        {
            Vector512<float> scale = Vector512.Create(Block32.Scale(ref *block));
            (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)block + 2))) * scale).Store(values);
            (Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)block + 18))) * scale).Store(values + 16);
        }
    }

    /// <summary>Q4_0: 32 nibbles and a scale; a nibble picks its value from a table, by the lowest four bits of a lane.</summary>
    public static void Q4_0(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        fixed (byte* row = blocks)
        fixed (float* target = values)
            Q4_0(row, target, values.Length / Block32.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Q4_0(byte* block, float* values, nint blocks)
    {
        Vector512<float> table = Vector512.Create(-8f, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
        for (nint i = 0; i < blocks; i++, block += 18, values += 32)
        {
            Vector512<float> scale = Vector512.Create(Block32.Scale(ref *block));
            Vector512<int> pairs = Avx512F.ConvertToVector512Int32(Vector128.Load(block + 2));
            (Avx512F.PermuteVar16x32(table, pairs) * scale).Store(values);
            (Avx512F.PermuteVar16x32(table, Avx512F.ShiftRightLogical(pairs, 4)) * scale).Store(values + 16);
        }
    }
}
