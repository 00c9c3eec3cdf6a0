using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>A named tensor of a weight source. Nothing is read or made before <see cref="Open"/> is called.</summary>
/// <param name="Name">Its name in the source, for messages.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Format">How its values are stored.</param>
/// <param name="Origin">The file it comes from, for messages.</param>
/// <param name="Open">Gives its bytes.</param>
public sealed record Tensor(string Name, TensorShape Shape, WeightFormat Format, string Origin, Func<TensorMemory> Open)
{
    /// <summary>Gives its bytes.</summary>
    public Func<TensorMemory> Open
    {
        get;
        init
        {
            // A copy that opens otherwise has other rows.
            field = value;
            OpenRows = null;
        }
    } = Open;

    /// <summary>
    /// Gives the bytes of some rows (the first, how many) where <see cref="Open"/> makes its bytes, so that a part of the
    /// matrix does not cost the whole. Null: a part of what <see cref="Open"/> gives costs nothing.
    /// </summary>
    internal Func<int, int, TensorMemory>? OpenRows { get; init; }

    /// <summary>
    /// The matrices of a stack, where they do not follow one another in memory: an expert's tensor each, or parts of a
    /// larger matrix. Null: they do. <see cref="Open"/> then copies them together.
    /// </summary>
    internal IReadOnlyList<Tensor>? Members { get; init; }

    /// <summary>Bytes of its values as stored.</summary>
    public long SizeInBytes => Format.BytesFor(Shape.Columns) * Shape.Rows * Shape.Count;

    /// <summary>All values as floats, row after row.</summary>
    public float[] ToArray()
    {
        TensorMemory memory = Open();
        float[] values = new float[Shape.Length];
        int rowBytes = checked((int)Format.BytesFor(Shape.Columns));
        for (int row = 0; row < Shape.Rows * Shape.Count; row++)
            Format.Decode(memory.Slice((long)row * rowBytes, rowBytes), values.AsSpan(row * Shape.Columns, Shape.Columns));

        // Memory that nothing refers to any more may be unmapped while the last row is still being read.
        GC.KeepAlive(memory);
        return values;
    }
}
