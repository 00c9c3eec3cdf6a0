using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Support;

/// <summary>Tensors with the values that a test gives them.</summary>
internal sealed class Given(Dictionary<string, float[]> values) : IWeightSource
{
    public string Origin => "a test";

    public IEnumerable<string> Names => values.Keys;

    public bool Contains(string name) => values.ContainsKey(name);

    public Tensor? Find(string name, TensorShape shape) => !values.TryGetValue(name, out float[]? all) ? null
        : new Tensor(name, shape, WeightFormat.Float32, Origin, () => TensorMemory.FromRows((long)shape.Rows * shape.Count, shape.Columns * sizeof(float), (row, bytes) =>
            MemoryMarshal.AsBytes(all.AsSpan((int)row * shape.Columns, shape.Columns)).CopyTo(bytes)));

    public void Dispose()
    {
    }
}
