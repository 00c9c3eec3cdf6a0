namespace Transformer.Core.Weights.Safetensors;

/// <summary>What a safetensors file says about one of its tensors.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Dimensions">Its dimensions, outermost first.</param>
/// <param name="TypeName">Its dtype as the file spells it, such as <c>BF16</c>.</param>
/// <param name="SizeInBytes">Bytes of its values.</param>
/// <param name="Offset">Its first byte, counted from the start of the file.</param>
/// <param name="File">The file that holds it.</param>
public sealed record SafetensorsTensorInfo(string Name, IReadOnlyList<long> Dimensions, string TypeName, long SizeInBytes, long Offset, string File);
