using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>The values that a format can hold before its scale is applied.</summary>
internal interface ILevels
{
    /// <summary>The lowest; zero where a minimum is subtracted from the value.</summary>
    static abstract float Lowest { get; }

    static abstract float Highest { get; }

    /// <summary>How far from its exact place the search of a scale may put the end of a range, in levels.</summary>
    static abstract float Spread { get; }

    /// <summary>The level next to each value.</summary>
    static abstract Vector256<float> Nearest(Vector256<float> values);
}

/// <summary>Whole numbers between two bounds.</summary>
internal static class WholeLevels
{
    // Adding 1.5·2^23 leaves a float no bits for fractions, so that it rounds to the nearest whole number, ties to even.
    private const float Rounder = 12582912;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values, float lowest, float highest)
    {
        Vector256<float> clamped = Vector256.Min(Vector256.Max(values, Vector256.Create(lowest)), Vector256.Create(highest));
        return (clamped + Vector256.Create(Rounder)) - Vector256.Create(Rounder);
    }
}

/// <summary>0 to 3.</summary>
internal readonly struct TwoBits : ILevels
{
    public static float Lowest => 0;

    public static float Highest => 3;

    public static float Spread => 0.8f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => WholeLevels.Nearest(values, 0, 3);
}

/// <summary>0 to 15.</summary>
internal readonly struct FourBits : ILevels
{
    public static float Lowest => 0;

    public static float Highest => 15;

    public static float Spread => 1.2f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => WholeLevels.Nearest(values, 0, 15);
}

/// <summary>0 to 31.</summary>
internal readonly struct FiveBits : ILevels
{
    public static float Lowest => 0;

    public static float Highest => 31;

    public static float Spread => 1.2f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => WholeLevels.Nearest(values, 0, 31);
}

/// <summary>-4 to 3.</summary>
internal readonly struct SignedThreeBits : ILevels
{
    public static float Lowest => -4;

    public static float Highest => 3;

    public static float Spread => 0.9f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => WholeLevels.Nearest(values, -4, 3);
}

/// <summary>-32 to 31.</summary>
internal readonly struct SignedSixBits : ILevels
{
    public static float Lowest => -32;

    public static float Highest => 31;

    public static float Spread => 1.2f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Nearest(Vector256<float> values) => WholeLevels.Nearest(values, -32, 31);
}
