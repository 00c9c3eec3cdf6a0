using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>What one token costs, told from the file: the arithmetic of the layers, and the bytes that decoding must read.</summary>
/// <param name="LayerWeights">Weights of the layers' matrices; two operations each for every token of a prompt.</param>
/// <param name="DecodeBytes">Bytes of the layers and of the output matrix, all of which every decoded token reads.</param>
/// <param name="FileBytes">Size of the file.</param>
internal sealed record ModelWork(long LayerWeights, long DecodeBytes, long FileBytes)
{
    /// <summary>Reads the list of tensors.</summary>
    public static ModelWork Of(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        bool hasOutput = file.Contains("output.weight");
        long weights = 0, bytes = 0;
        foreach (GgufTensorInfo tensor in file.TensorInfos)
        {
            bool layer = tensor.Name.StartsWith("blk.", StringComparison.Ordinal);
            if (layer && tensor.Dimensions.Count > 1)
                weights += tensor.Dimensions.Aggregate(1L, (product, size) => product * size);
            if (layer || tensor.Name.StartsWith("output", StringComparison.Ordinal) || (tensor.Name == "token_embd.weight" && !hasOutput))
                bytes += tensor.SizeInBytes ?? 0;
        }
        return new ModelWork(weights, bytes, new FileInfo(path).Length);
    }
}
