namespace Transformer.Core.Numerics.Formats;

/// <summary>A format of plain floats, which multiplies many rows at a time.</summary>
internal unsafe interface IFloatFormat : IBlockFormat
{
    /// <summary>The products of some rows of weights with one row of floats; each is, bit for bit, what <see cref="IBlockFormat.Dot"/> gives.</summary>
    /// <param name="rows">The stored rows, one after another; nothing outside them is read.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="x">[columns].</param>
    /// <param name="columns">Values of a row.</param>
    /// <param name="y">[count].</param>
    static abstract void Dots(byte* rows, int count, float* x, int columns, float* y);
}

/// <summary>A visitor to which it matters that a format multiplies many rows at a time.</summary>
internal interface IFloatFormatVisitor<out TResult> : IWeightFormatVisitor<TResult>
{
    TResult VisitFloats<TFormat>()
        where TFormat : struct, IFloatFormat;
}
