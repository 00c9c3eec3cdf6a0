using System.Runtime.CompilerServices;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Scales of stored blocks, read by moving a half's bits where a float has them, exponent uncorrected, see
/// <see cref="QuantizedRow.HalfwayScale"/>.
/// </summary>
internal static unsafe class RowScales
{
    /// <summary>The first half that is not finite, 65536, times 2^-112.</summary>
    public const float Special = 1.262177448e-29f;

    /// <summary>Bits of a half that was moved up by 13, without the copies of its sign.</summary>
    public const int HalfBits = unchecked((int)0x8FFFE000);

    /// <summary>The scale of a block that begins with it; the largest magnitude so far is kept as bits.</summary>
    /// <remarks>Without their sign, floats order as integers do, and a maximum of integers costs one cycle.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(byte* block, ref int top)
    {
        int bits = (*(short*)block << 13) & HalfBits;
        top = Math.Max(top, bits & int.MaxValue);
        return BitConverter.Int32BitsToSingle(bits);
    }

    /// <summary>For rows whose scales are not finite.</summary>
    public static float LongWay<TFormat>(byte* row, QuantizedRow x, nint blocks, int bits)
        where TFormat : struct, IBlockFormat
    {
        Span<float> values = stackalloc float[32];
        float sum = 0;
        for (nint i = 0; i < blocks; i++)
        {
            TFormat.DecodeScalar(new ReadOnlySpan<byte>(row + (i * TFormat.BlockBytes), TFormat.BlockBytes), values);
            for (int k = 0; k < 32; k++)
                sum += values[k] * x.Scales[i] * (bits == 8 ? ((sbyte*)x.Quants)[(32 * i) + k] : ((short*)x.Quants)[(32 * i) + k]);
        }
        return sum;
    }
}
