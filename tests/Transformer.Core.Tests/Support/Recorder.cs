using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Support;

/// <summary>Keeps a copy of every value it is shown, and the order of their names.</summary>
internal sealed class Recorder(Func<int, string, bool>? wants = null) : IActivationObserver
{
    public List<string> Names { get; } = [];

    public Dictionary<string, float[]> Seen { get; } = [];

    public Dictionary<string, (int Rows, int Columns, int Heads)> Shapes { get; } = [];

    public bool Wants(int layer, string point) => wants?.Invoke(layer, point) ?? true;

    public void Observe(in Activation activation)
    {
        MatrixSpan values = activation.Values;
        float[] copy = new float[values.Rows * values.Columns];
        values.CopyTo(new MatrixSpan(copy, values.Rows, values.Columns));
        Names.Add(activation.Name);
        Seen[activation.Name] = copy;
        Shapes[activation.Name] = (values.Rows, values.Columns, activation.Heads);
    }
}
