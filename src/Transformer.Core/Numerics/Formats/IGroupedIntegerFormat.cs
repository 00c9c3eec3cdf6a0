using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Numerics.Formats;

/// <summary>A grouped format whose integers, its offset added again, are unsigned and of at most six bits: products are taken over integers.</summary>
/// <typeparam name="TSelf">The format.</typeparam>
internal unsafe interface IGroupedIntegerFormat<TSelf> : IGroupedFormat, IIntegerFormat
    where TSelf : struct, IGroupedIntegerFormat<TSelf>
{
    static ActivationForm IIntegerFormat.Activations => ActivationForm.Int8;

    static int IIntegerFormat.GroupLength => GroupedIntegerRow.GroupLength<TSelf>();

    static void IIntegerFormat.Unpack(byte* blocks, int count, byte* quants, float* scales, float* minimums) =>
        GroupedIntegerRow.Unpack<TSelf>(blocks, count, quants, scales, minimums);

    static void IIntegerFormat.Dots(byte* rows, int count, QuantizedRow x, int columns, float* y) => GroupedIntegerRow.Dots<TSelf>(rows, count, x, columns, y);
}
