using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>Makes tensors of what a file's header says about them.</summary>
internal static class FileTensor
{
    /// <summary>The tensor at a place of a mapped file; keeps the file mapped.</summary>
    /// <param name="file">The file; the place must be inside it.</param>
    /// <param name="name">The tensor's name in the file.</param>
    /// <param name="dimensions">Its dimensions, outermost first. None: a single value. More than three: the outer ones are multiplied.</param>
    /// <param name="format">How its values are stored.</param>
    /// <param name="offset">Its first byte in the file.</param>
    /// <param name="size">Its bytes.</param>
    /// <exception cref="ModelFileException">A dimension is larger than a <see cref="TensorShape"/> can say, or the bytes do not match the shape.</exception>
    public static Tensor Create(MappedFile file, string name, IReadOnlyList<long> dimensions, WeightFormat format, long offset, long size)
    {
        TensorShape shape = Shape(file.Path, name, dimensions);
        Tensor tensor = new(name, shape, format, file.Path, () => file.Part(offset, size));
        if (shape.Columns % format.BlockLength != 0 || tensor.SizeInBytes != size)
            throw new ModelFileException(file.Path, $"tensor '{name}'", $"{size} bytes as {format.Name}", $"shape {shape}");
        return tensor;
    }

    /// <summary>Multiplies dimensions; null where the product passes 2⁶³, which no file can hold.</summary>
    public static long? Product(IEnumerable<long> dimensions)
    {
        long product = 1;
        foreach (long dimension in dimensions)
        {
            if (dimension < 0 || (dimension > 0 && product > long.MaxValue / dimension))
                return null;
            product *= dimension;
        }
        return product;
    }

    /// <summary>The shape of a tensor with these dimensions, outermost first.</summary>
    /// <exception cref="ModelFileException">One of them is larger than a <see cref="TensorShape"/> can say.</exception>
    public static TensorShape Shape(string path, string name, IReadOnlyList<long> dimensions)
    {
        long columns = dimensions.Count > 0 ? dimensions[^1] : 1;
        long rows = dimensions.Count > 1 ? dimensions[^2] : 1;
        long count = Product(dimensions.Take(Math.Max(0, dimensions.Count - 2))) ?? long.MaxValue;
        if (columns > int.MaxValue || rows > int.MaxValue || count > int.MaxValue)
            throw new ModelFileException(path, $"tensor '{name}'", $"dimensions up to {int.MaxValue}", $"[{string.Join(", ", dimensions)}]");
        return new TensorShape((int)rows, (int)columns, (int)count);
    }
}
