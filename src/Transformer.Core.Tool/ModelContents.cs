using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tool;

/// <summary>A tensor as a file lists it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Shape">Its dimensions, outermost first.</param>
/// <param name="Type">The file's name of its type.</param>
/// <param name="Bytes">Its bytes, or null if the type is not known.</param>
internal sealed record ListedTensor(string Name, IReadOnlyList<long> Shape, string Type, long? Bytes)
{
    public long Parameters => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>What a model's files say, whether or not this library can run it.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Format">Its format.</param>
/// <param name="Metadata">Keys and values.</param>
/// <param name="Tensors">Tensors.</param>
/// <param name="HasSinglePrecisionMetadata">True if fractions in the metadata were stored as 32-bit floats.</param>
internal sealed record ModelContents(string Path, string Format, IModelMetadata Metadata, IReadOnlyList<ListedTensor> Tensors, bool HasSinglePrecisionMetadata)
{
    public long Parameters => Tensors.Sum(tensor => tensor.Parameters);

    public long Bytes => Tensors.Sum(tensor => tensor.Bytes ?? 0);

    /// <summary>Reads the headers of a GGUF file or a Hugging Face folder.</summary>
    public static ModelContents Read(string path)
    {
        if (Directory.Exists(path) || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            HuggingFaceFolder folder = HuggingFaceFolder.Open(path);
            return new ModelContents(
                path, "safetensors", folder, [.. folder.TensorInfos.Select(info => new ListedTensor(info.Name, info.Dimensions, info.TypeName, info.SizeInBytes))], false);
        }
        GgufFile file = GgufFile.Open(path);
        return new ModelContents(
            path, $"GGUF v{file.Version}", file, [.. file.TensorInfos.Select(info => new ListedTensor(info.Name, [.. info.Dimensions.Reverse()], info.TypeName, info.SizeInBytes))], true);
    }

    /// <summary>The model as the library would build it, or why it would not.</summary>
    public (ModelDescription? Description, string? Problem) Describe()
    {
        if (Tensors.Count == 0)
            return (null, "the file holds a vocabulary only, no weights");
        try
        {
            return (ModelLoader.Open(Path).Describe(), null);
        }
        catch (TransformerException exception)
        {
            return (null, CommandRun.Describe(exception));
        }
    }
}
