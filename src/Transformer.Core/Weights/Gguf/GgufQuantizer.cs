using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// Writes a model with its matrices in another format. Tensor after tensor, a few rows at a time: a model need not fit
/// into memory. Vectors, norms and what else llama.cpp leaves alone stay as they are, and so does the metadata, but
/// for <c>general.file_type</c> and <c>general.quantization_version</c>.
/// </summary>
public static class GgufQuantizer
{
    // ggml's GGML_QNT_VERSION.
    private const uint QuantizationVersion = 2;

    /// <summary>Quantizes a model. The same source and recipe give the same bytes, whatever the number of threads.</summary>
    /// <param name="source">A GGUF file; of a split model the first part. Its matrices may be quantized already, but what was rounded once is rounded again.</param>
    /// <param name="target">The new file; takes the place of one that is there. It appears when it is complete: a failed or cancelled run leaves nothing behind.</param>
    /// <param name="recipe">What the matrices are stored as. A matrix whose rows the format's blocks do not fill gets one near to it.</param>
    /// <param name="threads">Most threads that compute; null: one for each processor.</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentException">Source and target are the same file.</exception>
    /// <exception cref="ModelFileException">The source is missing or damaged, or a matrix holds NaN or infinity.</exception>
    /// <exception cref="UnsupportedModelException">A matrix is of a type that this library does not decode.</exception>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static QuantizationResult Quantize(
        string source,
        string target,
        QuantizationRecipe recipe,
        int? threads = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads ?? 1, 1, nameof(threads));
        using GgufFile file = GgufFile.Open(source);
        if (file.Files.Any(part => Path.GetFullPath(part) == Path.GetFullPath(target)))
            throw new ArgumentException($"{target}: the new file cannot take the place of the one it is made from.", nameof(target));

        GgufWriter writer = new();
        CopyMetadata(file, writer, recipe);
        TensorTypes types = TensorTypes.For(recipe, file);
        long total = Math.Max(1, file.TensorInfos.Sum(Values)), finished = 0, after = 0;
        Dictionary<string, int> perType = [];
        foreach (GgufTensorInfo tensor in file.TensorInfos)
        {
            GgufWriter.PlannedTensor planned = Plan(file, tensor, types.Choose(tensor.Name, tensor.Dimensions), threads ?? Environment.ProcessorCount, Report, cancellationToken);
            writer.Add(planned);
            after += planned.SizeInBytes;
            perType[planned.Type.Name] = perType.GetValueOrDefault(planned.Type.Name) + 1;
        }
        writer.Save(target);
        return new QuantizationResult(file.TensorInfos.Sum(Values), file.TensorInfos.Sum(tensor => tensor.SizeInBytes ?? 0), after, perType);

        void Report(long values)
        {
            finished += values;
            progress?.Report((double)finished / total);
        }
    }

    private static long Values(GgufTensorInfo tensor) => tensor.Dimensions.Aggregate(1L, (product, size) => product * size);

    private static void CopyMetadata(GgufFile file, GgufWriter writer, QuantizationRecipe recipe)
    {
        foreach (string key in file.Keys)
        {
            // The new file is a single one, with the usual alignment.
            if (key is not ("general.file_type" or "general.quantization_version" or "general.alignment") && !key.StartsWith("split.", StringComparison.Ordinal))
                writer.Copy(key, file.BytesOf(key));
        }
        writer.Set("general.file_type", recipe.FileType).Set("general.quantization_version", QuantizationVersion);
    }

    private static GgufWriter.PlannedTensor Plan(GgufFile file, GgufTensorInfo tensor, WeightFormat? wanted, int threads, Action<long> report, CancellationToken cancellationToken)
    {
        long columns = tensor.Dimensions.Count > 0 ? tensor.Dimensions[0] : 1;
        long rows = tensor.Dimensions.Skip(1).Aggregate(1L, (product, size) => product * size);
        TensorMemory memory = file.BytesOf(tensor);
        GgufTensorType type = GgufTensorType.Find(tensor.TypeName)!;
        if (wanted is not null && wanted.Name != tensor.TypeName)
        {
            WeightFormat stored = type.Format ?? throw new UnsupportedModelException(tensor.File, $"type (of tensor '{tensor.Name}')", tensor.TypeName, GgufTensorType.Supported);
            RowQuantizer quantizer = new(tensor, memory, stored, wanted, threads, report, cancellationToken);
            return new GgufWriter.PlannedTensor(tensor.Name, tensor.Dimensions, GgufTensorType.Of(wanted)!, checked((int)wanted.BytesFor(columns)), rows, quantizer.Fill);
        }
        int rowBytes = checked((int)(type.BytesFor(columns) ?? 0));
        return new GgufWriter.PlannedTensor(tensor.Name, tensor.Dimensions, type, rowBytes, rows, (row, bytes) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            memory.Slice(row * rowBytes, rowBytes).CopyTo(bytes);
            GC.KeepAlive(memory);
            report(columns);
        });
    }
}
