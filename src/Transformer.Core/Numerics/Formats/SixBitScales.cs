using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// The twelve bytes in which Q4_K and Q5_K keep eight scales and eight minimums of six bits: bytes 0 to 3 hold scales
/// 0 to 3 and, above them, two bits of scales 4 to 7; bytes 4 to 7 the same of the minimums; bytes 8 to 11 the other
/// four bits of scales 4 to 7 and, above them, of minimums 4 to 7.
/// </summary>
internal static unsafe class SixBitScales
{
    public const int Bytes = 12;
    private const uint LowNibbles = 0x0F0F0F0F, LowSix = 0x3F3F3F3F, Upper = 0x30303030;

    /// <summary>Eight scales, then eight minimums, a byte each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, out ulong scales, out ulong minimums)
    {
        uint first = Unsafe.ReadUnaligned<uint>(packed), second = Unsafe.ReadUnaligned<uint>(packed + 4), third = Unsafe.ReadUnaligned<uint>(packed + 8);
        scales = (first & LowSix) | ((ulong)((third & LowNibbles) | ((first >> 2) & Upper)) << 32);
        minimums = (second & LowSix) | ((ulong)(((third >> 4) & LowNibbles) | ((second >> 2) & Upper)) << 32);
    }

    /// <summary>The same as floats, times what the block multiplies them with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, float scale, float minimum, float* scales, float* minimums)
    {
        Unpack(packed, out ulong s, out ulong m);
        for (int i = 0; i < 8; i++)
        {
            scales[i] = scale * (byte)(s >> (8 * i));
            minimums[i] = minimum * (byte)(m >> (8 * i));
        }
    }

    /// <summary>One scale, by the definition.</summary>
    public static int Scale(ReadOnlySpan<byte> packed, int group) =>
        group < 4 ? packed[group] & 63 : (packed[group + 4] & 0xF) | (packed[group - 4] >> 6 << 4);

    /// <summary>One minimum, by the definition.</summary>
    public static int Minimum(ReadOnlySpan<byte> packed, int group) =>
        group < 4 ? packed[group + 4] & 63 : (packed[group + 4] >> 4) | (packed[group] >> 6 << 4);

    /// <summary>Packs eight scales and eight minimums, each 0 to 63.</summary>
    public static void Pack(ReadOnlySpan<byte> scales, ReadOnlySpan<byte> minimums, Span<byte> packed)
    {
        uint s0 = BinaryPrimitives.ReadUInt32LittleEndian(scales), s1 = BinaryPrimitives.ReadUInt32LittleEndian(scales[4..]);
        uint m0 = BinaryPrimitives.ReadUInt32LittleEndian(minimums), m1 = BinaryPrimitives.ReadUInt32LittleEndian(minimums[4..]);
        BinaryPrimitives.WriteUInt32LittleEndian(packed, s0 | ((s1 & Upper) << 2));
        BinaryPrimitives.WriteUInt32LittleEndian(packed[4..], m0 | ((m1 & Upper) << 2));
        BinaryPrimitives.WriteUInt32LittleEndian(packed[8..], (s1 & LowNibbles) | ((m1 & LowNibbles) << 4));
    }
}
