using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Sixteen IEEE halves as floats, exactly; .NET 10 has no name for the processor's own instruction.</summary>
/// <remarks>
/// A multiplication by 2^112 would do, but where a half is subnormal it takes one float that is too, and those cost dozens
/// of cycles: of weights with a deviation of 0.02 that is every 25th vector.
/// </remarks>
internal static unsafe class Half512
{
    /// <summary>Infinity and NaN come out at this or above, where no finite half is.</summary>
    public const float Infinite = 65536;

    /// <summary>The floats of sixteen halves; infinity and NaN come out wrong, see <see cref="Infinite"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(short* bits)
    {
        // Sign-extended and moved up, the sign is where it belongs; below it are three copies of it.
        Vector512<int> moved = Avx512F.ShiftLeftLogical(Avx512F.ConvertToVector512Int32(Vector256.Load(bits)), 13);
        Vector512<float> value = ((moved & Vector512.Create(0x0FFFE000)) + Vector512.Create((127 - 15) << 23)).AsSingle();

        // With an exponent of zero that is (1 + m/1024)·2^-15, and should be m/1024·2^-14.
        Vector512<float> smallest = Vector512.Create(1f / (1 << 14));
        Vector512<float> isSubnormal = Vector512.LessThan(value, smallest);
        value = Vector512.ConditionalSelect(isSubnormal, Avx512F.FusedMultiplySubtract(value, Vector512.Create(2f), smallest), value);
        return value | (moved.AsSingle() & Vector512.Create(-0f));
    }
}
