using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>How a file with random weights stores its matrices: all in one format, or by a mixed recipe of llama.cpp.</summary>
internal sealed class Storage
{
    private readonly WeightFormat? _format;
    private readonly TensorTypes? _types;

    private Storage(WeightFormat? format, TensorTypes? types, uint fileType)
    {
        _format = format;
        _types = types;
        FileType = fileType;
    }

    /// <summary>Names on the command line: those of the formats, and of the recipes that mix them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. WeightFormat.All.Select(format => format.Name).Union(QuantizationRecipe.All.Select(recipe => recipe.Name)).Select(name => name.ToLowerInvariant())];

    /// <summary>llama.cpp's <c>llama_ftype</c>: shown by it, and otherwise without effect.</summary>
    public uint FileType { get; }

    public static Storage Of(string name, ModelShape shape)
    {
        QuantizationRecipe? recipe = QuantizationRecipe.Find(name);
        WeightFormat? format = WeightFormat.All.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));
        return format is not null
            ? new Storage(format, null, recipe?.FileType ?? 1024)
            : new Storage(null, new TensorTypes(recipe!, Enumerable.Range(0, shape.Layers), shape.Layers, isTied: true, experts: 0, shape.Heads / shape.KvHeads), recipe!.FileType);
    }

    /// <summary>The format of a matrix; in a file of one format Q8_0 where its width does not suit that.</summary>
    public WeightFormat Choose(string name, int rows, int columns) =>
        _types?.Choose(name, [columns, rows]) ?? (_format is not null && columns % _format.BlockLength == 0 ? _format : WeightFormat.Q8_0);
}
