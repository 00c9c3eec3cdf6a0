using System.Diagnostics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Floats of eight bits, E4M3: a sign, four bits of exponent with bias 7, three of fraction. Exponent 0 holds the
/// subnormals m/8 · 2⁻⁶. There are no infinities: S.1111.111 is the only NaN, and the largest value is 448. Every one of
/// them is exact in F32.
/// </summary>
/// <remarks>OCP 8-bit Floating Point Specification (OFP8) 1.0, section 5; arXiv:2209.05433.</remarks>
internal static class Float8E4M3
{
    private const int Bias = 7;
    private const int FractionBits = 3;
    private const int FractionMask = 7;
    private const int ExponentMask = 15;

    private static readonly float[] Values = [.. Enumerable.Range(0, 256).Select(code => Decode((byte)code))];

    /// <summary>target[i] = value of codes[i] · scale, each product rounded once to F32.</summary>
    public static void Decode(ReadOnlySpan<byte> codes, float scale, Span<float> target)
    {
        Debug.Assert(codes.Length == target.Length, "one value a code");
        float[] values = Values;
        for (int i = 0; i < codes.Length; i++)
            target[i] = values[codes[i]] * scale;
    }

    private static float Decode(byte code)
    {
        int exponent = (code >> FractionBits) & ExponentMask;
        int fraction = code & FractionMask;
        float magnitude = (exponent, fraction) switch
        {
            (ExponentMask, FractionMask) => float.NaN,
            (0, _) => MathF.ScaleB(fraction, 1 - Bias - FractionBits),
            _ => MathF.ScaleB(FractionMask + 1 + fraction, exponent - Bias - FractionBits),
        };
        return code < 0x80 ? magnitude : -magnitude;
    }
}
