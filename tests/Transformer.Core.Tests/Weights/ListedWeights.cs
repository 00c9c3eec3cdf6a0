using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

/// <summary>A source of tensors listed in a test.</summary>
internal sealed class ListedWeights : IWeightSource
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    public string Origin => "listed";

    public IEnumerable<string> Names => _tensors.Keys;

    public int Opened { get; private set; }

    /// <summary>Adds a tensor with values 0, 1, 2, ... </summary>
    public ListedWeights Add(string name, TensorShape shape, WeightFormat? format = null)
    {
        WeightFormat stored = format ?? WeightFormat.Float32;
        float[] values = [.. Enumerable.Range(0, (int)shape.Length).Select(i => (float)i)];
        _tensors[name] = new Tensor(name, shape, stored, Origin, () =>
        {
            Opened++;
            return TensorMemory.FromValues(values, stored);
        });
        return this;
    }

    public bool Contains(string name) => _tensors.ContainsKey(name);

    public Tensor? Find(string name, TensorShape shape) => _tensors.GetValueOrDefault(name);

    public void Dispose()
    {
    }
}
