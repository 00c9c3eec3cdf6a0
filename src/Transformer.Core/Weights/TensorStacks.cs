namespace Transformer.Core.Weights;

/// <summary>Stacks of matrices, one an expert or a head, made of what files have instead; and the matrices of a stack.</summary>
internal static class TensorStacks
{
    /// <summary>One matrix of a stack whose matrices follow one another; not copied.</summary>
    /// <param name="tensor">The stack.</param>
    /// <param name="member">Which.</param>
    /// <param name="memory">The stack's memory, where it is open already.</param>
    public static Tensor Member(Tensor tensor, int member, TensorMemory? memory = null)
    {
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

    /// <summary>A head's rows; null where the matrix cannot be cut so: given whole, the caller's message shows the shape that was found.</summary>
    private static int? OfHeads(Tensor tensor, int heads, int rows, int columns) =>
        tensor.Shape.Count == 1 && tensor.Shape.Columns == columns && tensor.Shape.Rows % heads == 0 && tensor.Shape.Rows / heads > rows ? tensor.Shape.Rows / heads : null;
}
