using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>What formats whose rows stand side by side have in common.</summary>
internal static unsafe class Interleaving
{
    /// <summary>Rows side by side.</summary>
    public const int Rows = 16;

    /// <summary>Puts a row's words into its lane of as many vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Spread(int* source, int* lane, nint count)
    {
        for (nint i = 0; i < count; i++)
            lane[i * Rows] = source[i];
    }

    /// <summary>The reverse of <see cref="Spread"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Collect(int* lane, int* target, nint count)
    {
        for (nint i = 0; i < count; i++)
            target[i] = lane[i * Rows];
    }

    /// <summary>Four activations for every row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<sbyte> Four(void* q) => Vector512.Create(*(int*)q).AsSByte();

    /// <summary>Adds the products of one vector of weights with four activations of each of four tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Meet(Vector512<byte> w, byte* q, nint stride, ref Vector512<short> a0, ref Vector512<short> a1, ref Vector512<short> a2, ref Vector512<short> a3)
    {
        a0 += Avx512BW.MultiplyAddAdjacent(w, Four(q));
        a1 += Avx512BW.MultiplyAddAdjacent(w, Four(q + stride));
        a2 += Avx512BW.MultiplyAddAdjacent(w, Four(q + (2 * stride)));
        a3 += Avx512BW.MultiplyAddAdjacent(w, Four(q + (3 * stride)));
    }

    /// <summary>Stores the sums of four tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, float* y, nint yStride)
    {
        s0.Store(y);
        s1.Store(y + yStride);
        s2.Store(y + (2 * yStride));
        s3.Store(y + (3 * yStride));
    }

    /// <summary>The upper nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Upper(Vector512<byte> pairs, Vector512<byte> low) => Vector512.ShiftRightLogical(pairs.AsUInt16(), 4).AsByte() & low;

    /// <summary>Sixteen halves, all finite, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Halves(byte* halves)
    {
        // A shift moves the bits to where floats have them, below copies of the sign; a product corrects the exponent.
        Vector512<int> bits = Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)halves)), 13);
        return (bits & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(Block32.HalfScale);
    }

    /// <summary>Whether halves are finite, each at the beginning of so many bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite(byte* halves, nint stride, nint count)
    {
        const int Exponent = 0x7C00;
        for (nint i = 0; i < count; i++)
            if ((*(short*)(halves + (i * stride)) & Exponent) == Exponent)
                return false;
        return true;
    }
}
