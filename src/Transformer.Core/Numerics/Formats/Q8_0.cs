using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a half-precision scale d, then 32 signed bytes q; value = d·q. 8.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q8_0</c>: 34 bytes, little-endian.</remarks>
public readonly struct Q8_0 : IGroupedFormat, IIntegerFormat
{
    private const int ScaleBytes = 2;

    /// <inheritdoc/>
    public static string Name => "Q8_0";

    /// <inheritdoc/>
    public static int BlockLength => Block32.Length;

    /// <inheritdoc/>
    public static int BlockBytes => ScaleBytes + Block32.Length;

    static ActivationForm IIntegerFormat.Activations => ActivationForm.Int16;

    static int IIntegerFormat.QuantBits => 8;

    static int IIntegerFormat.GroupLength => BlockLength;

    static int IGroupedFormat.GroupLength => BlockLength;

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.Decode<Q8_0>(blocks, values);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values) => GroupedRow.DecodeScalar<Q8_0>(blocks, values);

    /// <summary>Stores each block with d = largest magnitude / 127, values rounded half away from zero: the bytes that ggml's reference writes.</summary>
    /// <param name="values">[n], n a multiple of 32, finite.</param>
    /// <param name="blocks">[n / 32 · 34] bytes.</param>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Encode(ReadOnlySpan<float> values, Span<byte> blocks)
    {
        BlockSpans.Validate<Q8_0>(blocks.Length, values.Length);
        for (; !values.IsEmpty; values = values[BlockLength..], blocks = blocks[BlockBytes..])
        {
            float largest = 0;
            foreach (float value in values[..BlockLength])
                largest = MathF.Abs(value) > largest ? MathF.Abs(value) : largest;
            float scale = largest / 127;
            float inverse = scale != 0 ? 1 / scale : 0;
            BinaryPrimitives.WriteHalfLittleEndian(blocks, (Half)scale);
            for (int i = 0; i < BlockLength; i++)
                blocks[ScaleBytes + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x) => GroupedRow.Dot<Q8_0>(blocks, x);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void IIntegerFormat.Unpack(byte* blocks, int count, byte* quants, float* scales, float* minimums)
    {
        short* target = (short*)quants;
        Block32.Scales(blocks, BlockBytes, count / BlockLength, scales);
        for (nint i = 0; i < count / BlockLength; i++, blocks += BlockBytes, target += BlockLength)
        {
            if (Avx2.IsSupported)
            {
                Avx2.ConvertToVector256Int16((sbyte*)blocks + ScaleBytes).Store(target);
                Avx2.ConvertToVector256Int16((sbyte*)blocks + ScaleBytes + 16).Store(target + 16);
                continue;
            }
            for (int k = 0; k < BlockLength; k += 8)
                Products128.Widen((sbyte*)blocks + ScaleBytes + k).Store(target + k);
        }
    }

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y) => IntegerRowDot.Q8_0(rows, count, x, columns / BlockLength, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static unsafe void IGroupedFormat.Unpack(byte* block, sbyte* q, float* scales, float* minimums)
    {
        *scales = Block32.Scale(ref *block);
        *minimums = 0;
        Vector128.Load((sbyte*)block + ScaleBytes).Store(q);
        Vector128.Load((sbyte*)block + ScaleBytes + 16).Store(q + 16);
    }

    static float IGroupedFormat.Value(ReadOnlySpan<byte> block, int place)
    {
        return (float)BinaryPrimitives.ReadHalfLittleEndian(block) * (sbyte)block[ScaleBytes + place];
    }
}
