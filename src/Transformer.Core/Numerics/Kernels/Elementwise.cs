using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>A function of one value, for many lanes at once.</summary>
internal interface IUnaryLanes
{
    static abstract Vector<float> Of(Vector<float> x);
}

/// <summary>A function of two values, for many lanes at once.</summary>
internal interface IBinaryLanes
{
    static abstract Vector<float> Of(Vector<float> x, Vector<float> y);
}

/// <summary>The loops of all kernels that compute every value by itself; compiled once for each function.</summary>
internal static class Elementwise
{
    /// <summary>y[i] = f(x[i]); x and y may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<TFunction>(ReadOnlySpan<float> x, Span<float> y)
        where TFunction : struct, IUnaryLanes
    {
        Validate(x, y);
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            VectorMemory.Store(TFunction.Of(VectorMemory.Load(ref source, i)), ref target, i);
        if (i < length)
            VectorMemory.StorePart(TFunction.Of(VectorMemory.LoadPart(ref source, i, length - i, 0)), ref target, i, length - i);
    }

    /// <summary>y[i] = f(x[i], y[i]); x and y may be the same memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update<TFunction>(ReadOnlySpan<float> x, Span<float> y)
        where TFunction : struct, IBinaryLanes
    {
        Validate(x, y);
        ref float source = ref MemoryMarshal.GetReference(x);
        ref float target = ref MemoryMarshal.GetReference(y);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            VectorMemory.Store(TFunction.Of(VectorMemory.Load(ref source, i), VectorMemory.Load(ref target, i)), ref target, i);
        if (i < length)
        {
            nint rest = length - i;
            Vector<float> last = TFunction.Of(VectorMemory.LoadPart(ref source, i, rest, 0), VectorMemory.LoadPart(ref target, i, rest, 0));
            VectorMemory.StorePart(last, ref target, i, rest);
        }
    }

    /// <summary>Refuses rows of different lengths, and rows that overlap without being the same.</summary>
    public static void Validate(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"Lengths differ: {x.Length} and {y.Length}.", nameof(y));
        if (x.Overlaps(y, out int offset) && offset != 0)
            throw new ArgumentException($"The rows overlap, {offset} values apart: they may be the same memory or separate.", nameof(y));
    }
}
