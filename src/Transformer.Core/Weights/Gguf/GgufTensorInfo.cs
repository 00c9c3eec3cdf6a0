namespace Transformer.Core.Weights.Gguf;

/// <summary>What a GGUF file says about one of its tensors (<c>gguf_tensor_info_t</c> of ggml's docs/gguf.md).</summary>
/// <param name="Name">Its name in the file, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Dimensions">Its dimensions as the file orders them, innermost first: columns, rows, matrices.</param>
/// <param name="TypeName">ggml's name of its type, such as <c>Q4_K</c>; <c>type 99</c> for a number that ggml does not define.</param>
/// <param name="SizeInBytes">Bytes of its values; null where the type is not defined.</param>
/// <param name="Offset">Its first byte, counted from the start of <paramref name="File"/>.</param>
/// <param name="File">The file, or the part of a split model, that holds it.</param>
public sealed record GgufTensorInfo(string Name, IReadOnlyList<long> Dimensions, string TypeName, long? SizeInBytes, long Offset, string File);
