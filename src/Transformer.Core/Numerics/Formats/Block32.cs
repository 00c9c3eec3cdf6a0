using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// What the formats have in common that store 32 small integers and one scale. 32 bytes are one 256-bit vector,
/// whatever the processor has: without such registers the runtime takes two of 128 bits, with the same result.
/// </summary>
internal static class Block32
{
    public const int Length = 32;

    /// <summary>2^112: read as a float, the bits of a half moved up by 13 are its value divided by this.</summary>
    public const float HalfScale = 5.192296858534828e33f;

    /// <summary>The scale at the beginning of a block: a half-precision float, little-endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(ref byte block)
    {
        // No call even for infinity and NaN: with one in a loop, every vector that lives across it moves to the stack.
        int bits = Unsafe.ReadUnaligned<short>(ref block);
        int shifted = (bits << 13) & unchecked((int)0x8FFFE000);
        return (bits & 0x7C00) != 0x7C00 ? BitConverter.Int32BitsToSingle(shifted) * HalfScale
            : BitConverter.Int32BitsToSingle(shifted | ((bits & 0x3FF) == 0 ? 0x7F80_0000 : 0x7FC0_0000));
    }

    /// <summary>The scales of many blocks, one after another.</summary>
    /// <param name="blocks">The first block.</param>
    /// <param name="blockBytes">Bytes from one block to the next.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="scales">[count].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Scales(byte* blocks, nint blockBytes, nint count, float* scales)
    {
        nint i = 0;
        for (; Avx2.IsSupported && i <= count - 8; i += 8)
        {
            byte* fifth = blocks + (4 * blockBytes);
            Vector128<short> halves = Vector128.Create(
                *(short*)blocks, *(short*)(blocks + blockBytes), *(short*)(blocks + (2 * blockBytes)), *(short*)(blocks + (3 * blockBytes)),
                *(short*)fifth, *(short*)(fifth + blockBytes), *(short*)(fifth + (2 * blockBytes)), *(short*)(fifth + (3 * blockBytes)));
            blocks += 8 * blockBytes;
            Vector256<int> bits = Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32(halves), 13) & Vector256.Create(unchecked((int)0x8FFFE000));
            Vector256<float> values = bits.AsSingle() * HalfScale;
            values.Store(scales + i);
            if (Vector256.GreaterThanOrEqualAny(Vector256.Abs(values), Vector256.Create(65536f)))
                for (nint k = 0; k < 8; k++)
                    scales[i + k] = (float)BitConverter.Int16BitsToHalf(halves.GetElement((int)k));
        }
        for (; i < count; i++, blocks += blockBytes)
            scales[i] = Scale(ref *blocks);
    }

    /// <summary>values[i] = scale·q[i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Decode(Vector256<sbyte> q, float scale, ref float values)
    {
        (Vector256<float> q0, Vector256<float> q1, Vector256<float> q2, Vector256<float> q3) = ToFloats(q);
        (q0 * scale).StoreUnsafe(ref values);
        (q1 * scale).StoreUnsafe(ref values, 8);
        (q2 * scale).StoreUnsafe(ref values, 16);
        (q3 * scale).StoreUnsafe(ref values, 24);
    }

    /// <summary>sums + scale·q·x, eight partial sums of the block's 32 products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddDot(Vector256<sbyte> q, float scale, ref float x, Vector256<float> sums)
    {
        (Vector256<float> q0, Vector256<float> q1, Vector256<float> q2, Vector256<float> q3) = ToFloats(q);
        Vector256<float> even = q0 * Vector256.LoadUnsafe(ref x);
        Vector256<float> odd = q1 * Vector256.LoadUnsafe(ref x, 8);
        even = Vector256.MultiplyAddEstimate(q2, Vector256.LoadUnsafe(ref x, 16), even);
        odd = Vector256.MultiplyAddEstimate(q3, Vector256.LoadUnsafe(ref x, 24), odd);
        return Vector256.MultiplyAddEstimate(even + odd, Vector256.Create(scale), sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Q0, Vector256<float> Q1, Vector256<float> Q2, Vector256<float> Q3) ToFloats(Vector256<sbyte> q)
    {
        (Vector256<short> low, Vector256<short> high) = Vector256.Widen(q);
        (Vector256<int> i0, Vector256<int> i1) = Vector256.Widen(low);
        (Vector256<int> i2, Vector256<int> i3) = Vector256.Widen(high);
        return (Vector256.ConvertToSingle(i0), Vector256.ConvertToSingle(i1), Vector256.ConvertToSingle(i2), Vector256.ConvertToSingle(i3));
    }
}
