using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// A format whose values are small integers times a scale, for each group of neighbours: value = scale·(q - offset) -
/// minimum. Products with such weights are taken over integers, with activations rounded to integers too.
/// </summary>
/// <remarks>Used only where <see cref="BlockQuantizer.IsSupported"/>; elsewhere the format is a plain <see cref="IBlockFormat"/>.</remarks>
internal unsafe interface IIntegerFormat : IBlockFormat
{
    /// <summary>8 bits, for unsigned quants of at most 6 bits; or 16 bits, for signed quants of at most 8 bits, each stored in two bytes.</summary>
    static abstract ActivationForm Activations { get; }

    /// <summary>Bits of a quant.</summary>
    static abstract int QuantBits { get; }

    /// <summary>Neighbours that share a scale: 32 or, with 8-bit activations, also 16.</summary>
    static abstract int GroupLength { get; }

    /// <summary>Subtracted from every quant: a power of two, or 0.</summary>
    static abstract int Offset { get; }

    /// <summary>Whether groups have minimums.</summary>
    static abstract bool HasMinimums { get; }

    /// <summary>Takes blocks apart.</summary>
    /// <param name="blocks">Stored blocks.</param>
    /// <param name="count">Number of values, a multiple of the block length and of 32.</param>
    /// <param name="quants">[count] quants before the offset is subtracted: bytes, or with 16-bit activations signed 16-bit integers.</param>
    /// <param name="scales">[count / group length].</param>
    /// <param name="minimums">[count / group length], untouched by formats that have none.</param>
    static abstract void Unpack(byte* blocks, int count, byte* quants, float* scales, float* minimums);

    /// <summary>The products of some rows of weights with one row of activations.</summary>
    /// <param name="rows">The stored rows, one after another; nothing outside them is read.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="x">Activations in the form asked for.</param>
    /// <param name="columns">Values of a row.</param>
    /// <param name="y">[count].</param>
    static abstract void Dots(byte* rows, int count, QuantizedRow x, int columns, float* y);
}
