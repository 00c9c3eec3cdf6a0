using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>Twice the values of E2M1, the four-bit float of OCP Microscaling Formats 1.0, in the order of their bits.</summary>
internal readonly struct FourBitFloats : ILevels
{
    public static ReadOnlySpan<sbyte> Table => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    public static Vector128<sbyte> Vector => Vector128.Create(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

    public static float Lowest => -12;

    public static float Highest => 12;

    public static float Spread => 0;

    private static ReadOnlySpan<sbyte> Ascending => [-12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => LevelTable.Nearest(values, Ascending);
}
