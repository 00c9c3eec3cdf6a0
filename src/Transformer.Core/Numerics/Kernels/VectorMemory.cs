using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>
/// Moves vectors between memory and registers without bounds checks: whoever calls it has validated the lengths.
/// The last, incomplete vector of a row goes through the same code as the others, so that what becomes of a
/// value never depends on where in the row it stands.
/// </summary>
internal static class VectorMemory
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(ref float start, nint offset) =>
        Unsafe.ReadUnaligned<Vector<float>>(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref start, offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<float> value, ref float start, nint offset) =>
        Unsafe.WriteUnaligned(ref Unsafe.As<float, byte>(ref Unsafe.Add(ref start, offset)), value);

    /// <summary>The first <paramref name="count"/> lanes from memory, <paramref name="fill"/> in the others.</summary>
    public static Vector<float> LoadPart(ref float start, nint offset, nint count, float fill)
    {
        Vector<float> value = Vector.Create(fill);
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref start, offset), (int)count).CopyTo(Lanes(ref value));
        return value;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    public static void StorePart(Vector<float> value, ref float start, nint offset, nint count) =>
        Lanes(ref value)[..(int)count].CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref start, offset), (int)count));

    private static Span<float> Lanes(ref Vector<float> value) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<Vector<float>, float>(ref value), Vector<float>.Count);
}
