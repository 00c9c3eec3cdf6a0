using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Support;

/// <summary>
/// Makes whatever tensor is asked for, biases and norms included: with RandomWeights biases are zero, and a test
/// could not see that one was forgotten.
/// </summary>
internal sealed class NoiseWeights(int seed) : IWeightSource
{
    public string Origin => "noise";

    public IEnumerable<string> Names => [];

    public bool Contains(string name) => false;

    public Tensor? Find(string name, TensorShape shape) =>
        new(name, shape, WeightFormat.Float32, Origin, () =>
        {
            float[] values = Values(name, shape.Rows * shape.Count, shape.Columns);
            return TensorMemory.FromRows((long)shape.Rows * shape.Count, shape.Columns * sizeof(float), (row, bytes) =>
                MemoryMarshal.AsBytes(values.AsSpan((int)row * shape.Columns, shape.Columns)).CopyTo(bytes));
        });

    /// <summary>The values of a tensor: matrices keep activations at their size, vectors are of a size that shows.</summary>
    public float[] Values(string name, int rows, int columns)
    {
        // string.GetHashCode differs from run to run
        int hash = name.Aggregate(seed, (sum, letter) => unchecked((sum * 31) + letter));
        float[] values = Noise.Floats(hash, rows * columns, rows > 1 ? 1.5 / Math.Sqrt(columns) : 0.3);
        if (rows == 1 && name.EndsWith("norm.weight", StringComparison.Ordinal))
            for (int i = 0; i < values.Length; i++)
                values[i] += 1;
        return values;
    }

    public void Dispose()
    {
    }
}
