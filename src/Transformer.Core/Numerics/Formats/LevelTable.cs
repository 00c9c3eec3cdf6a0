using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Sixteen levels that are not evenly spaced; a nibble picks one.</summary>
internal static unsafe class LevelTable
{
    /// <summary>Looks 32 nibbles up: the lower ones of sixteen bytes, then the upper ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* nibbles, Vector128<sbyte> table, sbyte* q)
    {
        Vector128<byte> pairs = Vector128.Load(nibbles);
        Vector128.Shuffle(table, (pairs & Vector128.Create((byte)0xF)).AsSByte()).Store(q);
        Vector128.Shuffle(table, Vector128.ShiftRightLogical(pairs, 4).AsSByte()).Store(q + 16);
    }

    /// <summary>Of levels in ascending order, the one next to each value; half-way the lower one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values, ReadOnlySpan<sbyte> ascending)
    {
        Vector256<float> level = Vector256.Create((float)ascending[0]);
        for (int i = 1; i < ascending.Length; i++)
        {
            Vector256<float> middle = Vector256.Create((ascending[i - 1] + ascending[i]) / 2f);
            level = Vector256.ConditionalSelect(Vector256.GreaterThan(values, middle), Vector256.Create((float)ascending[i]), level);
        }
        return level;
    }

    /// <summary>Writes 32 levels as nibbles: the first sixteen in the lower halves of sixteen bytes.</summary>
    public static void Pack(ReadOnlySpan<sbyte> q, ReadOnlySpan<sbyte> table, Span<byte> nibbles)
    {
        for (int i = 0; i < 16; i++)
            nibbles[i] = (byte)(table.IndexOf(q[i]) | (table.IndexOf(q[i + 16]) << 4));
    }
}
