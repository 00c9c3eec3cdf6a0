using Transformer.Core.Numerics;

namespace Transformer.Core.Experiments;

/// <summary>Keeps copies of chosen activations of a session's passes, until it is disposed.</summary>
public sealed class ActivationCapture : IActivationObserver, IDisposable
{
    private readonly PointPattern[] _patterns;
    private readonly List<CapturedActivation> _activations = [];
    private readonly DecoderSession? _session;
    private readonly IActivationObserver? _before;

    /// <summary>Chooses points; to be made a session's observer.</summary>
    /// <param name="patterns">Names of points, with <c>*</c> for anything: <c>layers.*.attention.pattern</c>, <c>layers.3.*</c>, <c>logits</c>, <c>*</c>.</param>
    /// <exception cref="ArgumentException">A pattern cannot be one.</exception>
    public ActivationCapture(params ReadOnlySpan<string> patterns)
    {
        _patterns = new PointPattern[patterns.Length];
        for (int i = 0; i < patterns.Length; i++)
            _patterns[i] = new PointPattern(patterns[i]);
    }

    internal ActivationCapture(DecoderSession session, ReadOnlySpan<string> patterns)
        : this(patterns)
    {
        _session = session;
        _before = session.Observer;
        session.Observer = _before is null ? this : Intervention.All(_before, this);
    }

    /// <summary>What was seen, in order; a point that several passes came by stands here several times.</summary>
    public IReadOnlyList<CapturedActivation> Activations => _activations;

    /// <summary>
    /// A point by its full name. What several passes (a prompt, then tokens) showed is joined: rows below rows; for scores
    /// and patterns a head's queries below its queries, earlier ones padded with what the mask gives.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The point was not seen.</exception>
    public CapturedActivation this[string name]
    {
        get
        {
            CapturedActivation[] parts = [.. _activations.Where(activation => activation.Name == name)];
            return parts.Length switch
            {
                0 => throw new KeyNotFoundException($"{name}: no activation of this name was captured."),
                1 => parts[0],
                _ => Join(parts),
            };
        }
    }

    /// <summary>Forgets what was seen.</summary>
    public void Clear() => _activations.Clear();

    /// <summary>Whether one of the patterns names the point.</summary>
    public bool Wants(int layer, string point)
    {
        foreach (PointPattern pattern in _patterns)
            if (pattern.Matches(layer, point))
                return true;
        return false;
    }

    /// <summary>Copies the values.</summary>
    public void Observe(in Activation activation)
    {
        MatrixSpan values = activation.Values;
        float[] copy = new float[values.Rows * values.Columns];
        values.CopyTo(new MatrixSpan(copy, values.Rows, values.Columns));
        _activations.Add(new CapturedActivation(activation.Layer, activation.Point, values.Rows, values.Columns, activation.Heads, copy));
    }

    /// <summary>Ends the capture: the session has the observer it had before. What was seen stays.</summary>
    public void Dispose()
    {
        if (_session is not null)
            _session.Observer = _before;
    }

    private static CapturedActivation Join(CapturedActivation[] parts)
    {
        CapturedActivation first = parts[0];
        bool byHead = first.Point is ActivationPoints.Scores or ActivationPoints.Pattern;
        int blocks = byHead ? first.Heads : 1;
        int columns = parts.Max(part => part.Columns);
        int rows = parts.Sum(part => part.Rows);
        float[] values = new float[rows * columns];
        Array.Fill(values, first.Point is ActivationPoints.Scores ? float.NegativeInfinity : 0);
        MatrixSpan joined = new(values, rows, columns);
        int row = 0;
        for (int block = 0; block < blocks; block++)
        {
            foreach (CapturedActivation part in parts)
            {
                int count = part.Rows / blocks;
                for (int i = 0; i < count; i++)
                    part[(block * count) + i].CopyTo(joined[row++]);
            }
        }
        return new CapturedActivation(first.Layer, first.Point, rows, columns, first.Heads, values);
    }
}
