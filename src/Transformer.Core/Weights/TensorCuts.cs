using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>Tensors made of parts of others, when they are opened. Copies only where the values are not together in the file.</summary>
internal static class TensorCuts
{
    /// <summary>Some rows of a matrix; not copied.</summary>
    public static Tensor Rows(Tensor tensor, int start, int rows)
    {
        long rowBytes = tensor.Format.BytesFor(tensor.Shape.Columns);
        return tensor with
        {
            Shape = new TensorShape(rows, tensor.Shape.Columns),
            Open = () => tensor.OpenRows is { } open ? open(start, rows) : tensor.Open().Part(start * rowBytes, rows * rowBytes),
        };
    }

    /// <summary>Every so-manieth row of a matrix. Copied.</summary>
    public static Tensor EveryRow(Tensor tensor, int start, int step)
    {
        int rows = tensor.Shape.Rows / step;
        int bytes = checked((int)tensor.Format.BytesFor(tensor.Shape.Columns));
        return tensor with { Shape = new TensorShape(rows, tensor.Shape.Columns), Open = () => Copy(tensor, rows, bytes, row => (start + (row * step)) * bytes) };
    }

    /// <summary>Every so-manieth column of a matrix of floats. Copied.</summary>
    public static Tensor Columns(Tensor tensor, int start, int step)
    {
        (int rows, int columns) = (tensor.Shape.Rows, tensor.Shape.Columns);
        int width = columns / step;
        int bytes = tensor.Format.BlockBytes;
        return tensor with
        {
            Shape = new TensorShape(rows, width),
            Open = () => Copy(tensor, (long)rows * width, bytes, value => ((value / width * columns) + start + (value % width * step)) * bytes),
        };
    }

    private static TensorMemory Copy(Tensor tensor, long pieces, int bytes, Func<long, long> place)
    {
        TensorMemory memory = tensor.Open();
        TensorMemory copy = TensorMemory.FromRows(pieces, bytes, (piece, target) => memory.Slice(place(piece), bytes).CopyTo(target));
        GC.KeepAlive(memory);
        return copy;
    }

    /// <summary>A matrix turned: its columns as rows. Copied; in F32 where the format joins several values in a block.</summary>
    public static Tensor Transposed(Tensor tensor)
    {
        if (tensor.Format.BlockLength == 1)
            return TransposedColumns(tensor, 0, tensor.Shape.Columns);
        (int rows, int columns) = (tensor.Shape.Rows, tensor.Shape.Columns);
        return tensor with
        {
            Shape = new TensorShape(columns, rows),
            Format = WeightFormat.Float32,
            Open = () =>
            {
                float[] values = tensor.ToArray();
                float[] row = new float[rows];
                return TensorMemory.FromRows(columns, rows * sizeof(float), (column, bytes) =>
                {
                    for (int i = 0; i < rows; i++)
                        row[i] = values[(i * columns) + column];
                    MemoryMarshal.AsBytes(row.AsSpan()).CopyTo(bytes);
                });
            },
        };
    }

    /// <summary>Some values of a vector; not copied.</summary>
    public static Tensor Values(Tensor tensor, int start, int length)
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
    public static Tensor TransposedColumns(Tensor tensor, int start, int length, int step = 1)
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
                    memory.Slice((((long)row * columns) + start + ((long)column * step)) * valueBytes, valueBytes).CopyTo(bytes[(row * valueBytes)..]);
            });
            GC.KeepAlive(memory);
            return copy;
        }
    }

    /// <summary>One of the three parts of every head, in rows of a matrix or values of a vector [heads x 3 x n].</summary>
    public static Tensor PartOfHeads(Tensor tensor, int heads, TensorNames.Cut cut)
    {
        bool vector = tensor.Shape.Rows == 1;
        int outputs = vector ? tensor.Shape.Columns : tensor.Shape.Rows;

        // Not to be cut this way: given whole, so that the caller's message shows the shape that was found.
        if (outputs % (3 * heads) != 0)
            return tensor;
        int perHead = outputs / (3 * heads);
        int part = cut switch
        {
            TensorNames.Cut.First => 0,
            TensorNames.Cut.SecondToLast => 1,
            _ => 2,
        };
        if (vector && tensor.Format.BlockLength != 1)
            throw new ModelFileException(tensor.Origin, $"tensor '{tensor.Name}'", "a float format for a vector that is cut", tensor.Format.Name);
        int bytes = checked((int)(vector ? tensor.Format.BytesFor(1) : tensor.Format.BytesFor(tensor.Shape.Columns)));
        return tensor with
        {
            Shape = vector ? TensorShape.Vector(outputs / 3) : new TensorShape(outputs / 3, tensor.Shape.Columns),
            Open = Copy,
        };

        TensorMemory Copy()
        {
            TensorMemory memory = tensor.Open();
            TensorMemory copy = TensorMemory.FromRows(outputs / 3, bytes, (output, target) =>
            {
                long source = (output / perHead * 3 * perHead) + (part * perHead) + (output % perHead);
                memory.Slice(source * bytes, bytes).CopyTo(target);
            });
            GC.KeepAlive(memory);
            return copy;
        }
    }

    /// <summary>Every value and a constant, in F32.</summary>
    public static Tensor Shifted(Tensor tensor, float constant) => tensor with
    {
        Format = WeightFormat.Float32,
        Open = () =>
        {
            float[] values = tensor.ToArray();
            foreach (ref float value in values.AsSpan())
                value += constant;
            return TensorMemory.FromValues(values, WeightFormat.Float32);
        },
    };
}
