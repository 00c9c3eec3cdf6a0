using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Blocks of 32 values: a half-precision scale d, then 32 signed bytes q; value = d·q. 8.5 bits a value.</summary>
/// <remarks>ggml's <c>block_q8_0</c>: 34 bytes, little-endian.</remarks>
public readonly struct Q8_0 : IIntegerFormat
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

    static int IIntegerFormat.Offset => 0;

    static bool IIntegerFormat.HasMinimums => false;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void Decode(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Q8_0>(blocks.Length, values.Length);
        ref byte block = ref MemoryMarshal.GetReference(blocks);
        ref float target = ref MemoryMarshal.GetReference(values);
        for (int i = 0; i < values.Length; i += BlockLength)
        {
            Block32.Decode(Load(ref block), Block32.Scale(ref block), ref Unsafe.Add(ref target, i));
            block = ref Unsafe.Add(ref block, BlockBytes);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The spans do not hold the same number of whole blocks.</exception>
    public static void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values)
    {
        BlockSpans.Validate<Q8_0>(blocks.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> block = blocks.Slice(i / BlockLength * BlockBytes, BlockBytes);
            values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(block) * (sbyte)block[ScaleBytes + (i % BlockLength)];
        }
    }

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
    public static float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x)
    {
        BlockSpans.Validate<Q8_0>(blocks.Length, x.Length);
        ref byte block = ref MemoryMarshal.GetReference(blocks);
        ref float input = ref MemoryMarshal.GetReference(x);
        Vector256<float> even = default, odd = default;
        int i = 0;
        for (; i <= x.Length - (2 * BlockLength); i += 2 * BlockLength)
        {
            ref byte next = ref Unsafe.Add(ref block, BlockBytes);
            even = Block32.AddDot(Load(ref block), Block32.Scale(ref block), ref Unsafe.Add(ref input, i), even);
            odd = Block32.AddDot(Load(ref next), Block32.Scale(ref next), ref Unsafe.Add(ref input, i + BlockLength), odd);
            block = ref Unsafe.Add(ref next, BlockBytes);
        }
        if (i < x.Length)
            even = Block32.AddDot(Load(ref block), Block32.Scale(ref block), ref Unsafe.Add(ref input, i), even);
        return Vector256.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static unsafe void IIntegerFormat.Unpack(byte* blocks, int count, byte* quants, float* scales, float* minimums)
    {
        short* target = (short*)quants;
        Block32.Scales(blocks, BlockBytes, count / BlockLength, scales);
        for (nint i = 0; i < count / BlockLength; i++, blocks += BlockBytes, target += BlockLength)
        {
            Avx2.ConvertToVector256Int16((sbyte*)blocks + ScaleBytes).Store(target);
            Avx2.ConvertToVector256Int16((sbyte*)blocks + ScaleBytes + 16).Store(target + 16);
        }
    }

    static unsafe void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y) => IntegerRowDot.Q8_0(rows, count, x, columns / BlockLength, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<sbyte> Load(ref byte block) => Vector256.LoadUnsafe(ref block, ScaleBytes).AsSByte();
}
