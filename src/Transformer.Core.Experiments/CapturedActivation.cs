using Transformer.Core.Numerics;

namespace Transformer.Core.Experiments;

/// <summary>A copy of the values at a point.</summary>
public sealed class CapturedActivation
{
    private readonly float[] _values;

    internal CapturedActivation(int layer, string point, int rows, int columns, int heads, float[] values)
    {
        Layer = layer;
        Point = point;
        Rows = rows;
        Columns = columns;
        Heads = heads;
        _values = values;
    }

    /// <summary>The layer, from 0; -1 outside the layers.</summary>
    public int Layer { get; }

    /// <summary>The point within the layer.</summary>
    public string Point { get; }

    /// <summary>The full name, such as <c>layers.3.attention.pattern</c>.</summary>
    public string Name => Layer < 0 ? Point : $"layers.{Layer}.{Point}";

    /// <summary>Rows; heads x queries for scores and patterns.</summary>
    public int Rows { get; }

    /// <summary>Features; keys for scores and patterns.</summary>
    public int Columns { get; }

    /// <summary>Heads that the rows (scores, patterns) or columns (q, k, v, z) are split in.</summary>
    public int Heads { get; }

    /// <summary>The values, row after row.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The values as a matrix. It is a copy that may be changed and written back (<see cref="Intervention.Patch"/>).</summary>
    public MatrixSpan Matrix => new(_values, Rows, Columns);

    /// <summary>One row.</summary>
    public ReadOnlySpan<float> this[int row] => Matrix[row];

    /// <summary>A head's rows of scores or a pattern: one a query.</summary>
    /// <exception cref="InvalidOperationException">The rows are not split by heads.</exception>
    public MatrixSpan Head(int head)
    {
        if (Point is not (ActivationPoints.Scores or ActivationPoints.Pattern))
            throw new InvalidOperationException($"{Name}: expected scores or a pattern, whose rows are those of heads.");
        return Matrix.RowRange(head * (Rows / Heads), Rows / Heads);
    }
}
