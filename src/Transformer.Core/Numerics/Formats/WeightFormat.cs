using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>A weight format as a value: names it, gives its sizes, and reaches its static code.</summary>
public abstract class WeightFormat
{
    private protected WeightFormat()
    {
    }

    /// <summary>32-bit IEEE floats.</summary>
    public static WeightFormat Float32 { get; } = OfFloats<Float32>();

    /// <summary>16-bit IEEE floats.</summary>
    public static WeightFormat Float16 { get; } = OfFloats<Float16>();

    /// <summary>The upper 16 bits of 32-bit floats.</summary>
    public static WeightFormat BFloat16 { get; } = OfFloats<BFloat16>();

    /// <summary>Blocks of 32: a half-precision scale and 32 signed bytes.</summary>
    public static WeightFormat Q8_0 { get; } = OfIntegers<Q8_0>();

    /// <summary>Blocks of 32: a half-precision scale and 32 nibbles, offset by 8.</summary>
    public static WeightFormat Q4_0 { get; } = OfIntegers<Q4_0>();

    /// <summary>Blocks of 32: a half-precision scale and minimum, and 32 nibbles.</summary>
    public static WeightFormat Q4_1 { get; } = OfIntegers<Q4_1>();

    /// <summary>Blocks of 32: a half-precision scale and 32 times five bits, offset by 16.</summary>
    public static WeightFormat Q5_0 { get; } = OfIntegers<Q5_0>();

    /// <summary>Blocks of 32: a half-precision scale and minimum, and 32 times five bits.</summary>
    public static WeightFormat Q5_1 { get; } = OfIntegers<Q5_1>();

    /// <summary>Blocks of 256: two bits a value; a scale and a minimum of four bits for each 16.</summary>
    public static WeightFormat Q2_K { get; } = OfIntegers<Q2_K>();

    /// <summary>Blocks of 256: three bits a value; a scale of six bits for each 16.</summary>
    public static WeightFormat Q3_K { get; } = OfIntegers<Q3_K>();

    /// <summary>Blocks of 256: four bits a value; a scale and a minimum of six bits for each 32.</summary>
    public static WeightFormat Q4_K { get; } = OfIntegers<Q4_K>();

    /// <summary>Blocks of 256: five bits a value; a scale and a minimum of six bits for each 32.</summary>
    public static WeightFormat Q5_K { get; } = OfIntegers<Q5_K>();

    /// <summary>Blocks of 256: six bits a value; a scale of eight bits for each 16.</summary>
    public static WeightFormat Q6_K { get; } = OfIntegers<Q6_K>();

    /// <summary>Blocks of 32: a half-precision scale and 32 of sixteen unevenly spaced levels.</summary>
    public static WeightFormat IQ4_NL { get; } = Typed<IQ4_NL>.Instance;

    /// <summary>Blocks of 256: unevenly spaced levels; a scale of six bits for each 32.</summary>
    public static WeightFormat IQ4_XS { get; } = Typed<IQ4_XS>.Instance;

    /// <summary>Blocks of 256: a half-precision scale and -1, 0 or 1, five in a byte.</summary>
    public static WeightFormat TQ1_0 { get; } = Typed<TQ1_0>.Instance;

    /// <summary>Blocks of 256: a half-precision scale and -1, 0 or 1, four in a byte.</summary>
    public static WeightFormat TQ2_0 { get; } = Typed<TQ2_0>.Instance;

    /// <summary>Blocks of 32: a power of two and 32 four-bit floats.</summary>
    public static WeightFormat MXFP4 { get; } = Typed<MXFP4>.Instance;

    /// <summary>Every format this library decodes.</summary>
    public static IReadOnlyList<WeightFormat> All { get; } = [
        Float32, Float16, BFloat16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0, MXFP4,
    ];

    /// <summary>The format's usual name.</summary>
    public abstract string Name { get; }

    /// <summary>Values in a block.</summary>
    public abstract int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    public abstract int BlockBytes { get; }

    /// <summary>The format that <typeparamref name="TFormat"/> implements; a format of one's own takes part this way.</summary>
    public static WeightFormat Of<TFormat>()
        where TFormat : struct, IBlockFormat => All.OfType<Typed<TFormat>>().FirstOrDefault() ?? Typed<TFormat>.Instance;

    private static WeightFormat OfFloats<TFormat>()
        where TFormat : struct, IFloatFormat => new TypedFloats<TFormat>();

    private static WeightFormat OfIntegers<TFormat>()
        where TFormat : struct, IIntegerFormat => new TypedIntegers<TFormat>();

    /// <summary>Bytes of <paramref name="values"/> values.</summary>
    /// <exception cref="ArgumentException"><paramref name="values"/> is no multiple of the block length.</exception>
    public long BytesFor(long values) => values % BlockLength == 0
        ? values / BlockLength * BlockBytes
        : throw new ArgumentException($"{Name} stores blocks of {BlockLength} values, {values} is no multiple.", nameof(values));

    /// <summary>Writes the exact values of whole blocks as floats.</summary>
    public abstract void Decode(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>Stores values, rounded to the format.</summary>
    public abstract void Encode(ReadOnlySpan<float> values, Span<byte> blocks);

    /// <summary>Calls <paramref name="visitor"/> with the format as a type argument.</summary>
    public abstract TResult Accept<TResult>(IWeightFormatVisitor<TResult> visitor);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private class Typed<TFormat> : WeightFormat
        where TFormat : struct, IBlockFormat
    {
        public static Typed<TFormat> Instance { get; } = new();

        public override string Name => TFormat.Name;

        public override int BlockLength => TFormat.BlockLength;

        public override int BlockBytes => TFormat.BlockBytes;

        public override void Decode(ReadOnlySpan<byte> blocks, Span<float> values) => TFormat.Decode(blocks, values);

        public override void Encode(ReadOnlySpan<float> values, Span<byte> blocks) => TFormat.Encode(values, blocks);

        public override TResult Accept<TResult>(IWeightFormatVisitor<TResult> visitor) => visitor.Visit<TFormat>();
    }

    private sealed class TypedFloats<TFormat> : Typed<TFormat>
        where TFormat : struct, IFloatFormat
    {
        public override TResult Accept<TResult>(IWeightFormatVisitor<TResult> visitor) =>
            visitor is IFloatFormatVisitor<TResult> floats ? floats.VisitFloats<TFormat>() : visitor.Visit<TFormat>();
    }

    private sealed class TypedIntegers<TFormat> : Typed<TFormat>
        where TFormat : struct, IIntegerFormat
    {
        public override TResult Accept<TResult>(IWeightFormatVisitor<TResult> visitor) =>
            visitor is IIntegerFormatVisitor<TResult> integers && BlockQuantizer.IsSupported ? integers.VisitIntegers<TFormat>() : visitor.Visit<TFormat>();
    }
}

/// <summary>A visitor to which it matters that a format's values are integers times scales.</summary>
internal interface IIntegerFormatVisitor<out TResult> : IWeightFormatVisitor<TResult>
{
    TResult VisitIntegers<TFormat>()
        where TFormat : struct, IIntegerFormat;
}

/// <summary>Code that needs a <see cref="WeightFormat"/> as a type argument.</summary>
public interface IWeightFormatVisitor<out TResult>
{
    /// <summary>Called with the format's type.</summary>
    TResult Visit<TFormat>()
        where TFormat : struct, IBlockFormat;
}
