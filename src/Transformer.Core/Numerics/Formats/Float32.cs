using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Numerics.Formats;

/// <summary>32-bit IEEE floats, little-endian.</summary>
public readonly struct Float32 : IFloatFormat
{
    /// <inheritdoc/>
    public static string Name => "F32";

    /// <inheritdoc/>
    public static int BlockLength => 1;

    /// <inheritdoc/>
    public static int BlockBytes => sizeof(float);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Float32>(blocks.Length, values.Length);
        blocks.CopyTo(MemoryMarshal.AsBytes(values));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Float32>(blocks.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
            values[i] = BitConverter.ToSingle(blocks[(i * sizeof(float))..]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Float32>(blocks.Length, values.Length);
        MemoryMarshal.AsBytes(values).CopyTo(blocks);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of values.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        BlockSpans.Validate<Float32>(blocks.Length, x.Length);
        return RowDot512.IsSupported ? Dot512(blocks, x) : DotProduct.Compute(MemoryMarshal.Cast<byte, float>(blocks), x);
    }

    static unsafe void IFloatFormat.Dots(byte* rows, int count, float* x, int columns, float* y)
    {
        if (RowDot512.IsSupported)
            RowDot512.Dots<Lanes>(rows, count, x, columns, y);
        else
            for (nint row = 0; row < count; row++)
                y[row] = DotProduct.Compute(new ReadOnlySpan<float>((float*)rows + (row * columns), columns), new ReadOnlySpan<float>(x, columns));
    }

    private static unsafe float Dot512(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
            return RowDot512.Dot<Lanes>(row, input, x.Length);
    }

    private readonly unsafe struct Lanes : IStoredFloat
    {
        public static nint Bytes => sizeof(float);

        public static bool IsFiniteOnly => false;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(byte* values) => Vector512.Load((float*)values);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Value(byte* value) => *(float*)value;
    }
}
