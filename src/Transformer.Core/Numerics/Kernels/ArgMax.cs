using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Where the largest value of a row stands.</summary>
/// <remarks>Of equal values the first wins, so greedy decoding has one answer. NaN never wins.</remarks>
public static class ArgMax
{
    /// <summary>The index of the first of the largest values.</summary>
    /// <param name="row">[n], n ≥ 1.</param>
    /// <returns>0 to n - 1, or -1 if every value is NaN.</returns>
    /// <exception cref="ArgumentException"><paramref name="row"/> is empty.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Compute(ReadOnlySpan<float> row)
    {
        if (row.IsEmpty)
            throw new ArgumentException("An empty row has no largest value.", nameof(row));
        ref float start = ref MemoryMarshal.GetReference(row);
        nint width = Vector<float>.Count;
        nint length = row.Length;

        // First the value, then its first place: simpler than carrying indices, and the row is in the cache.
        Vector<float> lanes = Vector.Create(float.NegativeInfinity);
        nint i = 0;
        for (; i <= length - width; i += width)
        {
            Vector<float> value = VectorMemory.Load(ref start, i);
            lanes = Vector.ConditionalSelect(Vector.GreaterThan(value, lanes), value, lanes);
        }
        float max = float.NegativeInfinity;
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            max = lanes[lane] > max ? lanes[lane] : max;
        for (; i < length; i++)
            max = row[(int)i] > max ? row[(int)i] : max;

        Vector<float> wanted = Vector.Create(max);
        i = 0;
        while (i <= length - width && !Vector.EqualsAny(VectorMemory.Load(ref start, i), wanted))
            i += width;
        for (; i < length; i++)
        {
            if (row[(int)i] == max)
                return (int)i;
        }
        return -1;
    }

    /// <summary>The scalar reference of <see cref="Compute"/>: the same index.</summary>
    /// <exception cref="ArgumentException"><paramref name="row"/> is empty.</exception>
    public static int Scalar(ReadOnlySpan<float> row)
    {
        if (row.IsEmpty)
            throw new ArgumentException("An empty row has no largest value.", nameof(row));
        int best = -1;
        for (int i = 0; i < row.Length; i++)
        {
            if (!float.IsNaN(row[i]) && (best < 0 || row[i] > row[best]))
                best = i;
        }
        return best;
    }
}
