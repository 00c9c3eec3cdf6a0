using Transformer.Core;
using Transformer.Core.Numerics;

namespace StepByStep;

/// <summary>A copy of the values at one point of a forward pass.</summary>
internal sealed record Recorded(string Name, int Rows, int Columns, int Heads, float[] Values)
{
    public ReadOnlySpan<float> Row(int row) => Values.AsSpan(row * Columns, Columns);
}

/// <summary>Keeps a copy of everything that a forward pass shows: later layers write over the same memory.</summary>
internal sealed class Recorder : IActivationObserver
{
    private readonly Dictionary<string, Recorded> _seen = [];

    public Recorded this[string name] => _seen[name];

    public bool Wants(int layer, string point) => true;

    public void Observe(in Activation activation)
    {
        (int rows, int columns) = (activation.Values.Rows, activation.Values.Columns);
        float[] copy = new float[rows * columns];
        activation.Values.CopyTo(new MatrixSpan(copy, rows, columns));
        _seen[activation.Name] = new Recorded(activation.Name, rows, columns, activation.Heads, copy);
    }
}
