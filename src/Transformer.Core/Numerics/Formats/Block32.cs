using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>What the formats have in common that store small integers with scales in half precision.</summary>
internal static class Block32
{
    public const int Length = 32;

    /// <summary>2^112: read as a float, the bits of a half moved up by 13 are its value divided by this.</summary>
    public const float HalfScale = 5.192296858534828e33f;

    /// <summary>The scale at the beginning of a block: a half-precision float, little-endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(ref byte block)
    {
        // Neither a call (with one in a loop, every vector that lives across it moves to the stack) nor a product with a
        // number that is subnormal as a float (some processors take a hundred cycles for it): integers only, where a
        // comparison is the sign of a difference.
        int bits = Unsafe.ReadUnaligned<short>(ref block);
        int magnitude = bits & 0x7FFF;
        int subnormal = (magnitude - 0x400) >> 31;
        int special = (0x7BFF - magnitude) >> 31;
        const int Rebias = 112 << 23;
        float value = BitConverter.Int32BitsToSingle((magnitude << 13) + Rebias + (special & Rebias) + (subnormal & (1 << 23)));
        value -= BitConverter.Int32BitsToSingle(subnormal & (Rebias + (1 << 23)));
        return BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) | ((bits << 16) & int.MinValue));
    }

    /// <summary>Two halves side by side, such as a scale and a minimum, in the same way; lanes 2 and 3 are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector128<float> Pair(byte* halves)
    {
        Vector128<int> bits = Vector128.WidenLower(Vector128.CreateScalar(*(uint*)halves).AsInt16());
        Vector128<int> magnitude = bits & Vector128.Create(0x7FFF);
        Vector128<int> rebias = Vector128.Create(112 << 23);
        Vector128<int> subnormal = Vector128.LessThan(magnitude, Vector128.Create(0x400));
        Vector128<int> special = Vector128.GreaterThan(magnitude, Vector128.Create(0x7BFF));
        Vector128<int> raised = Vector128.ShiftLeft(magnitude, 13) + rebias + (special & rebias) + (subnormal & Vector128.Create(1 << 23));
        Vector128<float> value = raised.AsSingle() - (subnormal & Vector128.Create(113 << 23)).AsSingle();
        return value | Vector128.ShiftLeft(bits, 16).AsSingle() & Vector128.Create(-0.0f);
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
        Vector256<int> places = Vector256<int>.Indices * (int)blockBytes;
        for (; Avx2.IsSupported && i <= count - 8; i += 8, blocks += 8 * blockBytes)
        {
            // Every block is longer than the four bytes that are read of it.
            Vector256<int> halves = Avx2.GatherVector256((int*)blocks, places, 1);
            Vector256<int> bits = Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(halves, 16), 3) & Vector256.Create(unchecked((int)0x8FFFE000));
            Vector256<float> values = bits.AsSingle() * HalfScale;
            values.Store(scales + i);
            if (Vector256.GreaterThanOrEqualAny(Vector256.Abs(values), Vector256.Create(65536f)))
                for (nint k = 0; k < 8; k++)
                    scales[i + k] = Scale(ref blocks[k * blockBytes]);
        }
        for (; i < count; i++, blocks += blockBytes)
            scales[i] = Scale(ref *blocks);
    }
}
