using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>32 values of five bits: sixteen bytes of nibbles, values sixteen apart in one byte, and 32 fifth bits.</summary>
internal static unsafe class FifthBits
{
    /// <summary>0 to 31 each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> Unpack(byte* fifths, byte* nibbles)
    {
        Unpack(fifths, nibbles, out Vector128<byte> low, out Vector128<byte> high);
        return Vector256.Create(low, high).AsSByte();
    }

    /// <summary>The same in two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* fifths, byte* nibbles, out Vector128<byte> low, out Vector128<byte> high)
    {
        Vector128<byte> pairs = Vector128.Load(nibbles);

        // Byte i of the 32 bits goes to lanes 8·i to 8·i + 7, and of it each lane looks at its own bit.
        Vector128<byte> packed = Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(fifths)).AsByte();
        Vector128<byte> first = Vector128.Shuffle(packed, Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        Vector128<byte> second = Vector128.Shuffle(packed, Vector128.Create((byte)2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3));
        Vector128<byte> bit = Vector128.Create(0x8040201008040201).AsByte(), sixteen = Vector128.Create((byte)16);
        low = (pairs & Vector128.Create((byte)0xF)) | (Vector128.Equals(first & bit, bit) & sixteen);
        high = Vector128.ShiftRightLogical(pairs, 4) | (Vector128.Equals(second & bit, bit) & sixteen);
    }

    /// <summary>One value, by the definition.</summary>
    public static int Value(ReadOnlySpan<byte> fifths, ReadOnlySpan<byte> nibbles, int place)
    {
        int pair = nibbles[place % 16];
        return (place < 16 ? pair & 0xF : pair >> 4) | ((fifths[place / 8] >> (place % 8) & 1) << 4);
    }

    /// <summary>Packs values of 0 to 31.</summary>
    public static void Pack(ReadOnlySpan<sbyte> q, Span<byte> fifths, Span<byte> nibbles)
    {
        uint bits = 0;
        for (int i = 0; i < 16; i++)
        {
            nibbles[i] = (byte)((q[i] & 0xF) | ((q[i + 16] & 0xF) << 4));
            bits |= ((uint)q[i] >> 4 << i) | ((uint)q[i + 16] >> 4 << (i + 16));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(fifths, bits);
    }
}
