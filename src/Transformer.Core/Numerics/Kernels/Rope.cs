using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Rotates the pairs of one head vector by the angles of its position.</summary>
/// <remarks>
/// J. Su et al.: RoFormer, arXiv:2104.09864. Pair i becomes (a·cos[i] - b·sin[i], a·sin[i] + b·cos[i]). Products
/// and sum are rounded one by one, so a pair's result does not depend on where in the vector it stands.
/// </remarks>
public static class Rope
{
    /// <summary>Rotates the first 2·cos.Length values of <paramref name="vector"/> and leaves the others.</summary>
    /// <param name="vector">[head dimension], replaced.</param>
    /// <param name="cos">[pairs]: the cosine of each pair's angle.</param>
    /// <param name="sin">[pairs]: the sine of each pair's angle.</param>
    /// <param name="pairing">Which values form a pair.</param>
    /// <exception cref="ArgumentException"><paramref name="cos"/> and <paramref name="sin"/> differ in length, or <paramref name="vector"/> holds fewer pairs.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pairing"/> is no member of the enumeration.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(Span<float> vector, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, RopePairing pairing)
    {
        Validate(vector, cos, sin, pairing);
        if (pairing == RopePairing.HalfSplit)
            RotateHalves(vector, cos, sin);
        else
            RotateNeighbours(vector, cos, sin);
    }

    /// <summary>The scalar reference of <see cref="Rotate"/>, in double precision.</summary>
    /// <param name="vector">[head dimension], replaced.</param>
    /// <param name="cos">[pairs].</param>
    /// <param name="sin">[pairs].</param>
    /// <param name="pairing">Which values form a pair.</param>
    /// <exception cref="ArgumentException">As <see cref="Rotate"/>.</exception>
    public static void Scalar(Span<float> vector, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, RopePairing pairing)
    {
        Validate(vector, cos, sin, pairing);
        int pairs = cos.Length;
        for (int i = 0; i < pairs; i++)
        {
            (int first, int second) = pairing == RopePairing.HalfSplit ? (i, i + pairs) : (2 * i, (2 * i) + 1);
            double a = vector[first], b = vector[second];
            vector[first] = (float)((a * cos[i]) - (b * sin[i]));
            vector[second] = (float)((a * sin[i]) + (b * cos[i]));
        }
    }

    private static void RotateHalves(Span<float> vector, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        ref float first = ref MemoryMarshal.GetReference(vector);
        ref float second = ref Unsafe.Add(ref first, cos.Length);
        ref float cosine = ref MemoryMarshal.GetReference(cos);
        ref float sine = ref MemoryMarshal.GetReference(sin);
        nint width = Vector<float>.Count;
        nint pairs = cos.Length;
        nint i = 0;
        for (; i <= pairs - width; i += width)
        {
            Vector<float> a = VectorMemory.Load(ref first, i), b = VectorMemory.Load(ref second, i);
            Vector<float> c = VectorMemory.Load(ref cosine, i), s = VectorMemory.Load(ref sine, i);
            VectorMemory.Store((a * c) - (b * s), ref first, i);
            VectorMemory.Store((a * s) + (b * c), ref second, i);
        }
        for (; i < pairs; i++)
            RotatePair(ref Unsafe.Add(ref first, i), ref Unsafe.Add(ref second, i), Unsafe.Add(ref cosine, i), Unsafe.Add(ref sine, i));
    }

    private static void RotateNeighbours(Span<float> vector, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin)
    {
        ref float start = ref MemoryMarshal.GetReference(vector);
        ref float cosine = ref MemoryMarshal.GetReference(cos);
        ref float sine = ref MemoryMarshal.GetReference(sin);
        nint width = Vector<float>.Count;
        nint pairs = cos.Length;
        nint i = 0;

        // Vector<T> has no shuffle, but a pair is one 64-bit lane: its lower half is the first value, and
        // widening integers spreads the cosines in the same way. The upper halves are zero throughout.
        Vector<ulong> lower = Vector.Create(0xFFFF_FFFFUL);
        for (; i <= pairs - width; i += width)
        {
            Vector<uint> c = Vector.AsVectorUInt32(VectorMemory.Load(ref cosine, i)), s = Vector.AsVectorUInt32(VectorMemory.Load(ref sine, i));
            Turn(ref start, 2 * i, Vector.WidenLower(c), Vector.WidenLower(s), lower);
            Turn(ref start, (2 * i) + width, Vector.WidenUpper(c), Vector.WidenUpper(s), lower);
        }
        for (; i < pairs; i++)
            RotatePair(ref Unsafe.Add(ref start, 2 * i), ref Unsafe.Add(ref start, (2 * i) + 1), Unsafe.Add(ref cosine, i), Unsafe.Add(ref sine, i));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref float start, nint offset, Vector<ulong> cos, Vector<ulong> sin, Vector<ulong> lower)
    {
        Vector<ulong> pairs = Vector.AsVectorUInt64(VectorMemory.Load(ref start, offset));
        Vector<float> a = Vector.AsVectorSingle(pairs & lower), b = Vector.AsVectorSingle(Vector.ShiftRightLogical(pairs, 32));
        Vector<float> c = Vector.AsVectorSingle(cos), s = Vector.AsVectorSingle(sin);
        Vector<ulong> first = Vector.AsVectorUInt64((a * c) - (b * s)) & lower;
        Vector<ulong> second = Vector.ShiftLeft(Vector.AsVectorUInt64((a * s) + (b * c)), 32);
        VectorMemory.Store(Vector.AsVectorSingle(first | second), ref start, offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotatePair(ref float first, ref float second, float cos, float sin)
    {
        float a = first, b = second;
        first = (a * cos) - (b * sin);
        second = (a * sin) + (b * cos);
    }

    private static void Validate(ReadOnlySpan<float> vector, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin, RopePairing pairing)
    {
        if (cos.Length != sin.Length)
            throw new ArgumentException($"Lengths differ: {cos.Length} cosines and {sin.Length} sines.", nameof(sin));
        if (vector.Length < 2L * cos.Length)
            throw new ArgumentException($"A vector of {vector.Length} values does not hold {cos.Length} pairs.", nameof(vector));
        if (pairing is not (RopePairing.Interleaved or RopePairing.HalfSplit))
            throw new ArgumentOutOfRangeException(nameof(pairing), pairing, null);
    }
}
