using System.Text;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>
/// Makes whatever tensor is asked for. Its values depend only on the seed and the tensor's name, so models that
/// differ in one component share all other weights. The same on every machine.
/// </summary>
/// <remarks>
/// Matrices are close to normal with a standard deviation of 1/√columns, so that activations keep their size from
/// layer to layer; vectors named <c>…norm.weight</c> are ones and other vectors (biases) zeros, as in a model before training.
/// </remarks>
/// <param name="seed">Selects the values.</param>
/// <param name="format">How matrices are stored; vectors, and matrices whose width is no multiple of the format's block, are F32. Null: F32.</param>
public sealed class RandomWeights(int seed, WeightFormat? format = null) : IWeightSource
{
    /// <inheritdoc/>
    public string Origin => $"random weights (seed {seed})";

    /// <summary>None: it makes whatever is asked for.</summary>
    public IEnumerable<string> Names => [];

    /// <summary>Always false: a component's optional tensors are left out, its required ones are made.</summary>
    public bool Contains(string name) => false;

    /// <inheritdoc/>
    public Tensor? Find(string name, TensorShape shape)
    {
        WeightFormat stored = format is null || shape.Rows == 1 || shape.Columns % format.BlockLength != 0 ? WeightFormat.Float32 : format;
        return new Tensor(name, shape, stored, Origin, () => Make(name, shape, stored));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private TensorMemory Make(string name, TensorShape shape, WeightFormat stored)
    {
        float[] row = new float[shape.Columns];
        // A matrix may have a single row (one kv head of dim 1).
        bool isNorm = name.EndsWith("norm.weight", StringComparison.Ordinal);
        bool matrix = shape.Rows > 1 || (!isNorm && name.EndsWith(".weight", StringComparison.Ordinal));
        SplitMix64 random = new(Start(name));
        float scale = 1f / MathF.Sqrt(shape.Columns);
        if (!matrix)
            row.AsSpan().Fill(isNorm ? 1f : 0f);
        return TensorMemory.FromRows((long)shape.Rows * shape.Count, checked((int)stored.BytesFor(shape.Columns)), (_, bytes) =>
        {
            for (int i = 0; matrix && i < row.Length; i++)
                row[i] = Normal(ref random) * scale;
            stored.Encode(row, bytes);
        });
    }

    /// <summary>FNV-1a over the name, mixed with the seed.</summary>
    private ulong Start(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ b) * 1099511628211;
        return hash ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15);
    }

    /// <summary>The sum of four uniform numbers, scaled to mean 0 and variance 1: close to normal, and exact on every machine.</summary>
    private static float Normal(ref SplitMix64 random)
    {
        ulong bits = random.Next();
        int sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - 131070) * (1f / 37837.23f);
    }
}
