using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Interleaved;

/// <summary>
/// Sixteen rows of <typeparamref name="TFormat"/> side by side, one in each lane of a vector: the same bits in another
/// order, in as many bytes. A block is taken apart by a shift and a mask, and its products need no sum across lanes, so
/// that a row costs a third of what it costs as the file has it.
/// </summary>
/// <typeparam name="TFormat">The format of the rows.</typeparam>
internal unsafe interface IInterleavedFormat<TFormat>
    where TFormat : struct, IIntegerFormat
{
    /// <summary>Whether this processor has the instructions.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Whether the scales of a stored row are finite; the loops take others for finite ones.</summary>
    static abstract bool AreScalesFinite(byte* row, nint blocks);

    /// <summary>Puts sixteen rows side by side.</summary>
    /// <param name="rows">The stored rows.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="group">[16 x rowBytes].</param>
    static abstract void Join(byte* rows, nint rowBytes, nint blocks, byte* group);

    /// <summary>Some blocks of one row as the file has them.</summary>
    /// <param name="group">The first of the blocks, of sixteen rows.</param>
    /// <param name="row">Which of the rows.</param>
    /// <param name="count">Blocks wanted.</param>
    /// <param name="target">[count x bytes of a block].</param>
    static abstract void Part(byte* group, nint row, nint count, byte* target);

    /// <summary>The products of some groups with one row of activations.</summary>
    /// <param name="group">The first sixteen rows.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="x">Activations.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="y">[count x 16].</param>
    static abstract void Dot(byte* group, nint count, QuantizedRow x, nint blocks, float* y);

    /// <summary>The products of some groups with four rows of activations, in the same order of additions.</summary>
    /// <param name="group">The first sixteen rows.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="x">The first row of activations.</param>
    /// <param name="stride">Bytes from one row of activations to the next.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="y">[4, count x 16].</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    static abstract void Dots(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride);

    /// <summary>The same with eight rows, which share what taking a block apart costs.</summary>
    /// <param name="group">The first sixteen rows.</param>
    /// <param name="count">Number of groups.</param>
    /// <param name="x">The first row of activations.</param>
    /// <param name="stride">Bytes from one row of activations to the next.</param>
    /// <param name="blocks">Blocks of a row.</param>
    /// <param name="y">[8, count x 16].</param>
    /// <param name="yStride">Floats from one row of y to the next.</param>
    static abstract void Dots8(byte* group, nint count, QuantizedRow x, nint stride, nint blocks, float* y, nint yStride);
}
