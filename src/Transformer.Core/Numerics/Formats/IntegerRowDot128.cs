using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>What <see cref="IntegerRowDot"/> does, for processors with 128-bit vectors: x64 without AVX2, and Arm64.</summary>
internal static unsafe class IntegerRowDot128
{
    private const int Ahead = 2048;

    /// <summary>Whether rows are to be multiplied here.</summary>
    public static bool IsSupported => !Avx2.IsSupported && Products128.IsSupported;

    /// <summary>Products of some rows; parameters as in <see cref="IIntegerFormat.Dots"/>, but blocks instead of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots<TBlock, TFormat>(byte* row, nint count, QuantizedRow x, nint blocks, float* y)
        where TBlock : struct, IBlock
        where TFormat : struct, IIntegerFormat
    {
        nint bytes = TFormat.BlockBytes;
        nint step = TFormat.Activations == ActivationForm.Int8 ? 8 : 1;
        for (float* last = y + count; y < last; y++)
        {
            Vector128<float> even = default, odd = default;
            float* d = x.HalfwayScales;
            byte* block = row;
            int top = 0;
            nint i = 0;
            for (; i <= blocks - 2; i += 2, block += 2 * bytes, d += 2 * step)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch0(block + Ahead);
                Vector128<float> scale0 = Vector128.Create(RowScales.Read(block, ref top) * *d);
                Vector128<float> scale1 = Vector128.Create(RowScales.Read(block + bytes, ref top) * d[step]);
                even = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(TBlock.Products(block, x, i)), scale0, even);
                odd = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(TBlock.Products(block + bytes, x, i + 1)), scale1, odd);
            }
            if (i < blocks)
                even = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(TBlock.Products(block, x, i)), Vector128.Create(RowScales.Read(block, ref top) * *d), even);
            bool special = BitConverter.Int32BitsToSingle(top) >= RowScales.Special;
            *y = special ? RowScales.LongWay<TFormat>(row, x, blocks, TFormat.Activations == ActivationForm.Int8 ? 8 : 16) : Vector128.Sum(even + odd) * QuantizedRow.HalfwayScale;
            row += blocks * bytes;
        }
    }

    /// <summary>The products of a stored block, its scale aside, with a block of activations: four parts of their sum.</summary>
    internal interface IBlock
    {
        /// <param name="block">The stored block.</param>
        /// <param name="x">The token's row.</param>
        /// <param name="i">Which block of it.</param>
        static abstract Vector128<int> Products(byte* block, QuantizedRow x, nint i);
    }

    /// <summary>32 nibbles.</summary>
    internal readonly struct FourBits : IBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Products(byte* block, QuantizedRow x, nint i)
        {
            Vector128<byte> pairs = Vector128.Load(block + 2);
            sbyte* q = (sbyte*)x.Quants + (i * 32);

            // The offset of 8 is taken off as twice the block's sum in each of four lanes.
            Vector128<int> sum = Vector128.ShiftLeft(Vector128.Load(x.NegatedSums + (i * 8)), 1);
            sum = Products128.AddFours(sum, pairs & Vector128.Create((byte)0xF), Vector128.Load(q));
            return Products128.AddFours(sum, Vector128.ShiftRightLogical(pairs, 4), Vector128.Load(q + 16));
        }
    }

    /// <summary>32 nibbles and 32 fifth bits.</summary>
    internal readonly struct FiveBits : IBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Products(byte* block, QuantizedRow x, nint i)
        {
            FifthBits.Unpack(block + 2, block + 6, out Vector128<byte> low, out Vector128<byte> high);
            sbyte* q = (sbyte*)x.Quants + (i * 32);

            // The offset is 16 here.
            Vector128<int> sum = Vector128.ShiftLeft(Vector128.Load(x.NegatedSums + (i * 8)), 2);
            return Products128.AddFours(Products128.AddFours(sum, low, Vector128.Load(q)), high, Vector128.Load(q + 16));
        }
    }

    /// <summary>32 signed bytes, with 16-bit activations.</summary>
    internal readonly struct EightBits : IBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<int> Products(byte* block, QuantizedRow x, nint i)
        {
            sbyte* w = (sbyte*)block + 2;
            short* q = (short*)x.Quants + (i * 32);
            Vector128<int> first = default, second = default;
            for (int k = 0; k < 32; k += 8)
            {
                Vector128<short> words = Products128.Widen(w + k), values = Vector128.Load(q + k);
                first = Products128.AddFirst(first, words, values);
                second = Products128.AddSecond(second, words, values);
            }
            return Products128.Join(first, second);
        }
    }
}
