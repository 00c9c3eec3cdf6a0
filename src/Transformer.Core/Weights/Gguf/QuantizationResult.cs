namespace Transformer.Core.Weights.Gguf;

/// <summary>What <see cref="GgufQuantizer"/> has written.</summary>
/// <param name="Parameters">Values of all tensors.</param>
/// <param name="BytesBefore">Bytes of the tensors in the source.</param>
/// <param name="BytesAfter">Bytes of the tensors in the new file.</param>
/// <param name="TensorsPerType">How many tensors of the new file are stored as each type.</param>
public sealed record QuantizationResult(long Parameters, long BytesBefore, long BytesAfter, IReadOnlyDictionary<string, int> TensorsPerType)
{
    /// <summary>Mean bits a value in the source.</summary>
    public double BitsBefore => 8.0 * BytesBefore / Parameters;

    /// <summary>Mean bits a value in the new file.</summary>
    public double BitsAfter => 8.0 * BytesAfter / Parameters;
}
