using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics;

/// <summary>
/// A row-major view of floats: <see cref="Rows"/> tokens by <see cref="Columns"/> features. Owns nothing.
/// Rows may lie further apart than they are long (<see cref="Stride"/>), so that q, k and v can be
/// columns of one matrix.
/// </summary>
public readonly ref struct MatrixSpan
{
    /// <summary>A dense matrix over <paramref name="data"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="data"/> is shorter than rows x columns.</exception>
    public MatrixSpan(Span<float> data, int rows, int columns)
        : this(data, rows, columns, columns)
    {
    }

    /// <summary>A matrix whose rows begin <paramref name="stride"/> floats apart.</summary>
    /// <exception cref="ArgumentException"><paramref name="data"/> does not hold that many rows.</exception>
    public MatrixSpan(Span<float> data, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, columns);
        long needed = rows == 0 ? 0 : ((long)(rows - 1) * stride) + columns;
        if (data.Length < needed)
            throw new ArgumentException($"A matrix of {rows} rows by {columns} columns, stride {stride}, needs {needed} floats, the span has {data.Length}.", nameof(data));
        Data = data[..(int)needed];
        Rows = rows;
        Columns = columns;
        Stride = stride;
    }

    /// <summary>The floats from the first of the first row to the last of the last row.</summary>
    public Span<float> Data { get; }

    /// <summary>Number of rows (tokens).</summary>
    public int Rows { get; }

    /// <summary>Number of columns (features).</summary>
    public int Columns { get; }

    /// <summary>Floats from the beginning of one row to the beginning of the next.</summary>
    public int Stride { get; }

    /// <summary>True if the rows follow one another without a gap.</summary>
    public bool IsDense => Stride == Columns || Rows <= 1;

    /// <summary>One row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public Span<float> this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)row >= (uint)Rows)
                throw new ArgumentOutOfRangeException(nameof(row));
            Debug.Assert((row * (long)Stride) + Columns <= Data.Length);
            return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(Data), (nint)row * Stride), Columns);
        }
    }

    /// <summary>The rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> (exclusive).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such rows.</exception>
    public MatrixSpan RowRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Rows - count);
        return count == 0
            ? new MatrixSpan(default, 0, Columns, Stride)
            : new MatrixSpan(Data[(start * Stride)..], count, Columns, Stride);
    }

    /// <summary>The columns <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> (exclusive) of every row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no such columns.</exception>
    public MatrixSpan ColumnRange(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Columns - count);
        return Rows == 0
            ? new MatrixSpan(default, 0, count, Stride)
            : new MatrixSpan(Data[start..], Rows, count, Stride);
    }

    /// <summary>Copies every value to a matrix of the same shape.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public void CopyTo(MatrixSpan destination)
    {
        if (destination.Rows != Rows || destination.Columns != Columns)
            throw new ArgumentException($"A matrix [{Rows}, {Columns}] cannot be copied to [{destination.Rows}, {destination.Columns}].", nameof(destination));
        if (IsDense && destination.IsDense)
            Data.CopyTo(destination.Data);
        else
            for (int row = 0; row < Rows; row++)
                this[row].CopyTo(destination[row]);
    }
}
