using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Dot products of stored rows with floats on 512-bit vectors: what decoding spends its time on. A loop should take
/// fewer cycles than memory needs to bring the row, so every instruction in it counts.
/// </summary>
/// <remarks>
/// Those of single values return the sum over whole vectors and say how far they got; the rest is the caller's.
/// Compiled at once for full speed: tier by tier, they would be slow for the first hundreds of tokens.
/// </remarks>
internal static unsafe class RowDot512
{
    // Operand of vrangeps: of two values the one of larger magnitude, with its own sign.
    private const byte LargerMagnitude = 0b0111;

    // Bytes to ask for ahead of the loop: the processor looks ahead by instructions, and these loops have too many a byte.
    private const int Ahead = 8192;

    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>F32: four sums of sixteen lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Float32(float* row, float* x, nint length, out nint done)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint i = 0;
        for (; i <= length - 64; i += 64)
        {
            Sse.Prefetch0(row + i + (Ahead / 4));
            Sse.Prefetch0(row + i + (Ahead / 4) + 16);
            Sse.Prefetch0(row + i + (Ahead / 4) + 32);
            Sse.Prefetch0(row + i + (Ahead / 4) + 48);
            s0 = Avx512F.FusedMultiplyAdd(Vector512.Load(row + i), Vector512.Load(x + i), s0);
            s1 = Avx512F.FusedMultiplyAdd(Vector512.Load(row + i + 16), Vector512.Load(x + i + 16), s1);
            s2 = Avx512F.FusedMultiplyAdd(Vector512.Load(row + i + 32), Vector512.Load(x + i + 32), s2);
            s3 = Avx512F.FusedMultiplyAdd(Vector512.Load(row + i + 48), Vector512.Load(x + i + 48), s3);
        }
        for (; i <= length - 16; i += 16)
            s0 = Avx512F.FusedMultiplyAdd(Vector512.Load(row + i), Vector512.Load(x + i), s0);
        done = i;
        return IntegerRowDot.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>F16, infinities and NaN included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Float16(ushort* row, float* x, nint length, out nint done)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint i = 0;
        Vector512<int> kept = Vector512.Create(unchecked((int)0x8FFFE000));
        Vector512<float> scale = Vector512.Create(Block32.HalfScale);
        Vector512<float> largest = default;
        for (; i <= length - 64; i += 64)
        {
            Sse.Prefetch0(row + i + (Ahead / 2));
            Sse.Prefetch0(row + i + (Ahead / 2) + 32);
            Vector512<float> w0 = Half(row + i, kept, scale), w1 = Half(row + i + 16, kept, scale);
            Vector512<float> w2 = Half(row + i + 32, kept, scale), w3 = Half(row + i + 48, kept, scale);
            s0 = Avx512F.FusedMultiplyAdd(w0, Vector512.Load(x + i), s0);
            s1 = Avx512F.FusedMultiplyAdd(w1, Vector512.Load(x + i + 16), s1);
            s2 = Avx512F.FusedMultiplyAdd(w2, Vector512.Load(x + i + 32), s2);
            s3 = Avx512F.FusedMultiplyAdd(w3, Vector512.Load(x + i + 48), s3);
            largest = Avx512DQ.Range(largest, Avx512DQ.Range(Avx512DQ.Range(w0, w1, LargerMagnitude), Avx512DQ.Range(w2, w3, LargerMagnitude), LargerMagnitude), LargerMagnitude);
        }
        for (; i <= length - 16; i += 16)
        {
            Vector512<float> w = Half(row + i, kept, scale);
            s0 = Avx512F.FusedMultiplyAdd(w, Vector512.Load(x + i), s0);
            largest = Avx512DQ.Range(largest, w, LargerMagnitude);
        }

        // Infinity and NaN come out at 65536 and above, where no finite half is: such a row is left to the caller.
        done = Vector512.GreaterThanOrEqualAny(Vector512.Abs(largest), Vector512.Create(65536f)) ? 0 : i;
        return done == 0 ? 0 : IntegerRowDot.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>BF16: the upper halves of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float BFloat16(ushort* row, float* x, nint length, out nint done)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        nint i = 0;
        for (; i <= length - 64; i += 64)
        {
            Sse.Prefetch0(row + i + (Ahead / 2));
            Sse.Prefetch0(row + i + (Ahead / 2) + 32);
            s0 = Avx512F.FusedMultiplyAdd(Brain(row + i), Vector512.Load(x + i), s0);
            s1 = Avx512F.FusedMultiplyAdd(Brain(row + i + 16), Vector512.Load(x + i + 16), s1);
            s2 = Avx512F.FusedMultiplyAdd(Brain(row + i + 32), Vector512.Load(x + i + 32), s2);
            s3 = Avx512F.FusedMultiplyAdd(Brain(row + i + 48), Vector512.Load(x + i + 48), s3);
        }
        for (; i <= length - 16; i += 16)
            s0 = Avx512F.FusedMultiplyAdd(Brain(row + i), Vector512.Load(x + i), s0);
        done = i;
        return IntegerRowDot.Sum((s0 + s1) + (s2 + s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Brain(ushort* bits) => Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load(bits)), 16).AsSingle();

    /// <summary>Sign-extended and moved up, the sign is where it belongs, below it three copies to be cleared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Half(ushort* bits, Vector512<int> kept, Vector512<float> scale) =>
        (Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load((short*)bits)), 13) & kept).AsSingle() * scale;
}
