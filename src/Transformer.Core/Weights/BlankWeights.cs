using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>Zeros in whatever shape is asked for, stored as another source stores the tensor of that name, or F32. None of the other's values is read.</summary>
/// <param name="model">Tells which tensors there are, and their formats.</param>
internal sealed class BlankWeights(IWeightSource model) : IWeightSource
{
    public string Origin => model.Origin;

    public IEnumerable<string> Names => [];

    public bool Contains(string name) => model.Contains(name);

    public Tensor? Find(string name, TensorShape shape)
    {
        WeightFormat format = model.Find(name, shape)?.Format ?? WeightFormat.Float32;
        WeightFormat stored = shape.Columns % format.BlockLength == 0 ? format : WeightFormat.Float32;
        return new Tensor(name, shape, stored, Origin, () => TensorMemory.Allocate(stored.BytesFor(shape.Columns) * shape.Rows * shape.Count, out _));
    }

    /// <summary>The other source is not this one's to close.</summary>
    public void Dispose()
    {
    }
}
