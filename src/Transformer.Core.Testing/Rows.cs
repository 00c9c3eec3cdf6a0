using Transformer.Core.Numerics;

namespace Transformer.Core.Testing;

/// <summary>Rows of floats that lie further apart than they are long, with marked gaps between them.</summary>
internal sealed class Rows
{
    private const int Gap = 3;
    private const float Mark = 12345.678f;

    private readonly float[] _data;

    public Rows(int count, int width)
    {
        Count = count;
        Width = width;
        _data = new float[(count * (width + Gap)) + Gap];
        Array.Fill(_data, Mark);
    }

    public int Count { get; }

    public int Width { get; }

    public MatrixSpan Span => new(_data.AsSpan(0, Count * (Width + Gap)), Count, Width, Width + Gap);

    public Span<float> this[int row] => _data.AsSpan(row * (Width + Gap), Width);

    /// <summary>Random values, close to normal.</summary>
    public static Rows Random(int seed, int count, int width)
    {
        Rows rows = new(count, width);
        Random random = new(seed);
        for (int row = 0; row < count; row++)
            foreach (ref float value in rows[row])
                value = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2);
        return rows;
    }

    /// <summary>Outputs as a careless reader would not like to find them.</summary>
    public static Rows Unwritten(int count, int width)
    {
        Rows rows = new(count, width);
        for (int row = 0; row < count; row++)
            rows[row].Fill(float.NaN);
        return rows;
    }

    public Rows Copy()
    {
        Rows copy = new(Count, Width);
        _data.CopyTo(copy._data, 0);
        return copy;
    }

    public Rows Range(int start, int count)
    {
        Rows part = new(count, Width);
        for (int row = 0; row < count; row++)
            this[start + row].CopyTo(part[row]);
        return part;
    }

    /// <summary>Replaces the rows from <paramref name="start"/> on.</summary>
    public Rows With(int start, Rows other)
    {
        Rows changed = Copy();
        for (int row = 0; row < other.Count; row++)
            other[row].CopyTo(changed[start + row]);
        return changed;
    }

    public bool SameRow(int row, Rows other) => this[row].SequenceEqual(other[row]);

    /// <summary>The first value that is no number, or null.</summary>
    public (int Row, int Index)? NotFinite()
    {
        for (int row = 0; row < Count; row++)
            for (int i = 0; i < Width; i++)
                if (!float.IsFinite(this[row][i]))
                    return (row, i);
        return null;
    }

    public bool GapsAreIntact()
    {
        for (int row = 0; row < Count; row++)
            if (_data.AsSpan((row * (Width + Gap)) + Width, Gap).ContainsAnyExcept(Mark))
                return false;
        return !_data.AsSpan(Count * (Width + Gap)).ContainsAnyExcept(Mark);
    }
}
