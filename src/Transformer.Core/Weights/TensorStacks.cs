namespace Transformer.Core.Weights;

/// <summary>Stacks of matrices, one an expert or a head, made of what files have instead; and the matrices of a stack.</summary>
internal static class TensorStacks
{
    /// <summary>One matrix of a stack; not copied.</summary>
    /// <param name="tensor">The stack.</param>
    /// <param name="member">Which.</param>
    /// <param name="memory">The stack's memory, where it is open already.</param>
    public static Tensor Member(Tensor tensor, int member, TensorMemory? memory = null)
    {
        if (tensor.Members is not null)
            return tensor.Members[member];
        long bytes = tensor.Format.BytesFor(tensor.Shape.Columns) * tensor.Shape.Rows;
        return tensor with
        {
            Shape = tensor.Shape with { Count = 1 },
            Open = () => (memory ?? tensor.Open()).Part(member * bytes, bytes),
        };
    }

    /// <summary>A stack of matrices of one shape and format that lie anywhere.</summary>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="members">The matrices.</param>
    /// <exception cref="ModelFileException">They differ in shape or format.</exception>
    public static Tensor Join(string name, IReadOnlyList<Tensor> members)
    {
        Tensor first = members[0];
        foreach (Tensor member in members)
        {
            if (member.Shape != first.Shape || member.Format != first.Format)
                throw new ModelFileException(member.Origin, $"tensor '{member.Name}'", $"shape {first.Shape} and type {first.Format} as '{first.Name}'", $"{member.Shape} and {member.Format}");
        }
        int rowBytes = checked((int)first.Format.BytesFor(first.Shape.Columns));
        return first with { Name = name, Shape = first.Shape with { Count = members.Count }, Members = members, Open = Copy };

        TensorMemory Copy()
        {
            TensorMemory[] parts = [.. members.Select(member => member.Open())];
            TensorMemory copy = TensorMemory.FromRows((long)first.Shape.Rows * parts.Length, rowBytes, (row, bytes) =>
                parts[row / first.Shape.Rows].Slice(row % first.Shape.Rows * rowBytes, rowBytes).CopyTo(bytes));
            GC.KeepAlive(parts);
            return copy;
        }
    }

    /// <summary>Each head's first rows of a matrix [heads x n, columns], turned: [heads, columns, rows].</summary>
    public static Tensor FirstOfHeads(Tensor tensor, TensorShape shape) => OfHeads(tensor, shape.Count, shape.Columns, shape.Rows) is { } height
        ? Join(tensor.Name, [.. Enumerable.Range(0, shape.Count).Select(head => TensorCuts.Transposed(TensorCuts.Rows(tensor, head * height, shape.Columns)))])
        : tensor;

    /// <summary>Each head's last rows of a matrix [heads x n, columns]: [heads, rows, columns].</summary>
    public static Tensor LastOfHeads(Tensor tensor, TensorShape shape) => OfHeads(tensor, shape.Count, shape.Rows, shape.Columns) is { } height
        ? Join(tensor.Name, [.. Enumerable.Range(0, shape.Count).Select(head => TensorCuts.Rows(tensor, ((head + 1) * height) - shape.Rows, shape.Rows))])
        : tensor;

    /// <summary>
    /// Some outputs of every member of a stack [members, outputs, inputs] (or, transposed, [members, inputs, outputs]), or of
    /// a table of vectors [members, outputs]. Copied.
    /// </summary>
    /// <param name="tensor">The stack or table.</param>
    /// <param name="first">The first output.</param>
    /// <param name="step">From one to the next.</param>
    /// <param name="transposed">Whether members are stored [inputs, outputs].</param>
    public static Tensor Outputs(Tensor tensor, int first, int step, bool transposed)
    {
        TensorShape shape = tensor.Shape;
        bool table = shape.Count == 1;
        int outputs = table || transposed ? shape.Columns : shape.Rows;

        // Not to be cut this way: given whole, so that the caller's message shows the shape that was found.
        if (outputs % step != 0)
            return tensor;
        if ((table || transposed) && tensor.Format.BlockLength != 1)
            throw new ModelFileException(tensor.Origin, $"tensor '{tensor.Name}'", "a float format for outputs that are taken apart", tensor.Format.Name);
        return table
            ? TensorCuts.Columns(tensor, first, step)
            : Join(tensor.Name, [.. Enumerable.Range(0, shape.Count).Select(member =>
                transposed ? TensorCuts.TransposedColumns(Member(tensor, member), first, outputs / step, step) : TensorCuts.EveryRow(Member(tensor, member), first, step))]);
    }

    /// <summary>A head's rows; null where the matrix cannot be cut so: given whole, the caller's message shows the shape that was found.</summary>
    private static int? OfHeads(Tensor tensor, int heads, int rows, int columns) =>
        tensor.Shape.Count == 1 && tensor.Shape.Columns == columns && tensor.Shape.Rows % heads == 0 && tensor.Shape.Rows / heads > rows ? tensor.Shape.Rows / heads : null;
}
