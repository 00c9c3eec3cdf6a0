namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// How a row of weights is stored: blocks of <see cref="BlockLength"/> values in <see cref="BlockBytes"/> bytes.
/// One format a file. Static, so that a loop over rows is compiled for its format with no call in between.
/// </summary>
/// <remarks>Spans hold whole blocks; lengths that are no multiple of a block are the caller's mistake.</remarks>
public interface IBlockFormat
{
    /// <summary>The format's usual name, such as <c>Q8_0</c>.</summary>
    static abstract string Name { get; }

    /// <summary>Values in a block (1 for the plain float formats).</summary>
    static abstract int BlockLength { get; }

    /// <summary>Bytes in a block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Writes the exact values of whole blocks as floats.</summary>
    static abstract void Decode(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>The scalar reference of <see cref="Decode"/>: the same bits, one value at a time.</summary>
    static abstract void DecodeScalar(ReadOnlySpan<byte> blocks, Span<float> values);

    /// <summary>Stores values, rounded to the format.</summary>
    static abstract void Encode(ReadOnlySpan<float> values, Span<byte> blocks);

    /// <summary>The dot product of a stored row with a row of floats of the same length.</summary>
    static abstract float Dot(ReadOnlySpan<byte> blocks, ReadOnlySpan<float> x);
}
