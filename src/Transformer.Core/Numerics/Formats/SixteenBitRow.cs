using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Numerics.Formats;

/// <summary>How 16 bits become a float, exactly.</summary>
internal interface ISixteenBitFloat
{
    /// <summary>Lanes that hold the 16 bits in their lower half, zero in the upper.</summary>
    static abstract Vector<float> Widen(Vector<uint> bits);

    static abstract float Widen(ushort bits);
}

/// <summary>The loops over rows of 16-bit floats; compiled once for each kind.</summary>
internal static class SixteenBitRow
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TFloat>(ReadOnlySpan<byte> row, Span<float> values)
        where TFloat : struct, ISixteenBitFloat
    {
        ref byte source = ref MemoryMarshal.GetReference(row);
        ref float target = ref MemoryMarshal.GetReference(values);
        nint width = Vector<float>.Count;
        nint length = values.Length;
        nint i = 0;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            Vector<ushort> bits = Load(ref source, i);
            VectorMemory.Store(TFloat.Widen(Vector.WidenLower(bits)), ref target, i);
            VectorMemory.Store(TFloat.Widen(Vector.WidenUpper(bits)), ref target, i + width);
        }
        for (; i < length; i++)
            Unsafe.Add(ref target, i) = TFloat.Widen(One(ref source, i));
    }

    public static void DecodeScalar<TFloat>(ReadOnlySpan<byte> row, Span<float> values)
        where TFloat : struct, ISixteenBitFloat
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = TFloat.Widen(BitConverter.ToUInt16(row[(2 * i)..]));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot<TFloat>(ReadOnlySpan<byte> row, ReadOnlySpan<float> x)
        where TFloat : struct, ISixteenBitFloat
    {
        ref byte source = ref MemoryMarshal.GetReference(row);
        ref float input = ref MemoryMarshal.GetReference(x);
        nint width = Vector<float>.Count;
        nint length = x.Length;
        nint i = 0;
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= length - (4 * width); i += 4 * width)
        {
            Vector<ushort> first = Load(ref source, i), second = Load(ref source, i + (2 * width));
            s0 = Vector.MultiplyAddEstimate(TFloat.Widen(Vector.WidenLower(first)), VectorMemory.Load(ref input, i), s0);
            s1 = Vector.MultiplyAddEstimate(TFloat.Widen(Vector.WidenUpper(first)), VectorMemory.Load(ref input, i + width), s1);
            s2 = Vector.MultiplyAddEstimate(TFloat.Widen(Vector.WidenLower(second)), VectorMemory.Load(ref input, i + (2 * width)), s2);
            s3 = Vector.MultiplyAddEstimate(TFloat.Widen(Vector.WidenUpper(second)), VectorMemory.Load(ref input, i + (3 * width)), s3);
        }
        float sum = Vector.Sum((s0 + s1) + (s2 + s3));
        for (; i < length; i++)
            sum += TFloat.Widen(One(ref source, i)) * Unsafe.Add(ref input, i);
        return sum;
    }

    public static unsafe void Dots<TFloat>(byte* rows, int count, float* x, int columns, float* y)
        where TFloat : struct, ISixteenBitFloat
    {
        nint rowBytes = sizeof(ushort) * (nint)columns;
        for (nint row = 0; row < count; row++)
            y[row] = Dot<TFloat>(new ReadOnlySpan<byte>(rows + (row * rowBytes), (int)rowBytes), new ReadOnlySpan<float>(x, columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ushort> Load(ref byte start, nint offset) => Unsafe.ReadUnaligned<Vector<ushort>>(ref Unsafe.Add(ref start, 2 * offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort One(ref byte start, nint offset) => Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, 2 * offset));
}
