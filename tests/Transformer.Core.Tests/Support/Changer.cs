using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Support;

/// <summary>Changes the values of one point of one layer (-1: outside the layers).</summary>
internal sealed class Changer(int layer, string point, Changer.Change change) : IActivationObserver
{
    public delegate void Change(MatrixSpan values);

    public bool Wants(int at, string name) => at == layer && name == point;

    public void Observe(in Activation activation) => change(activation.Values);
}
