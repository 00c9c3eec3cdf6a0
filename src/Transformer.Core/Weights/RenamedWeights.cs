using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>A source under the canonical names of a <see cref="TensorNames"/> table.</summary>
internal sealed class RenamedWeights(IWeightSource source, TensorNames names) : IWeightSource
{
    public string Origin => source.Origin;

    public IEnumerable<string> Names => source.Names.SelectMany(names.Canonical);

    public bool Contains(string name) => source.Contains(names.Find(name)?.File ?? name);

    public Tensor? Find(string name, TensorShape shape)
    {
        if (names.Find(name) is not { } entry)
            return source.Find(name, shape);
        Tensor? tensor = source.Find(entry.File, shape);
        if (tensor is null)
            return null;

        // A vector (a bias) is cut along its only dimension, and is its own transpose.
        bool vector = tensor.Shape.Rows == 1;
        bool transposed = entry.Transposed && !vector;
        int outputs = vector || transposed ? tensor.Shape.Columns : tensor.Shape.Rows;
        int wanted = vector ? shape.Columns : shape.Rows;
        (int start, int length) = entry.Cut switch
        {
            TensorNames.Cut.First => (0, wanted),
            TensorNames.Cut.SecondToLast => (outputs - (2 * wanted), wanted),
            TensorNames.Cut.Last => (outputs - wanted, wanted),
            _ => (0, outputs),
        };

        // Not to be cut this way: given whole, so that the caller's message shows the shape that was found.
        if (start < 0 || start + length > outputs)
            (start, length) = (0, outputs);
        return transposed ? TransposeColumns(tensor, start, length)
            : length == outputs ? tensor
            : vector ? CutVector(tensor, start, length)
            : CutRows(tensor, start, length);
    }

    public void Dispose() => source.Dispose();

    private static Tensor CutRows(Tensor tensor, int start, int rows)
    {
        long rowBytes = tensor.Format.BytesFor(tensor.Shape.Columns);
        return tensor with
        {
            Shape = new TensorShape(rows, tensor.Shape.Columns),
            Open = () => tensor.Open().Part(start * rowBytes, rows * rowBytes),
        };
    }

    private static Tensor CutVector(Tensor tensor, int start, int length)
    {
        WeightFormat format = tensor.Format;
        if (start % format.BlockLength != 0 || length % format.BlockLength != 0)
            throw new ModelFileException(tensor.Origin, $"tensor '{tensor.Name}'", $"parts of whole blocks of {format.BlockLength}", $"values {start} to {start + length}");
        return tensor with
        {
            Shape = TensorShape.Vector(length),
            Open = () => tensor.Open().Part(format.BytesFor(start), format.BytesFor(length)),
        };
    }

    /// <summary>
    /// Some columns of a matrix as the rows of another. Needs memory of its own; only these columns are copied, so
    /// that the parts of a fused matrix together take no more memory than the whole.
    /// </summary>
    private static Tensor TransposeColumns(Tensor tensor, int start, int length)
    {
        (int rows, int columns) = (tensor.Shape.Rows, tensor.Shape.Columns);
        int valueBytes = tensor.Format.BlockBytes;
        if (tensor.Format.BlockLength != 1)
            throw new ModelFileException(tensor.Origin, $"tensor '{tensor.Name}'", "a float format for a transposed matrix", tensor.Format.Name);
        return tensor with { Shape = new TensorShape(length, rows), Open = Copy };

        TensorMemory Copy()
        {
            TensorMemory memory = tensor.Open();
            TensorMemory copy = TensorMemory.FromRows(length, checked(rows * valueBytes), (column, bytes) =>
            {
                for (int row = 0; row < rows; row++)
                    memory.Slice((((long)row * columns) + start + column) * valueBytes, valueBytes).CopyTo(bytes[(row * valueBytes)..]);
            });
            GC.KeepAlive(memory);
            return copy;
        }
    }
}
