using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The sixteen levels of IQ4_NL and IQ4_XS, denser around zero (ggml's <c>kvalues_iq4nl</c>).</summary>
internal readonly struct UnevenLevels : ILevels
{
    public static ReadOnlySpan<sbyte> Table => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    public static Vector128<sbyte> Vector => Vector128.Create(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

    public static float Lowest => -127;

    public static float Highest => 113;

    public static float Spread => 20;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => LevelTable.Nearest(values, Table);
}
