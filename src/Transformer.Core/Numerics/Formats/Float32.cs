using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Numerics.Formats;

/// <summary>32-bit IEEE floats, little-endian.</summary>
public readonly struct Float32 : IBlockFormat
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

    private static unsafe float Dot512(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        fixed (byte* row = blocks)
        fixed (float* input = x)
        {
            float sum = RowDot512.Float32((float*)row, input, x.Length, out nint done);
            for (; done < x.Length; done++)
                sum += ((float*)row)[done] * input[done];
            return sum;
        }
    }
}
