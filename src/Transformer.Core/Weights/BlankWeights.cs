using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>
/// Zeros in whatever shape is asked for, stored as another source stores the tensor of that name, or as F32. None of the
/// other's values is read. All tensors are the same memory. Not thread-safe.
/// </summary>
/// <param name="model">Tells which tensors there are, and their formats.</param>
internal sealed class BlankWeights(IWeightSource model) : IWeightSource
{
    // Sizes come from a checkpoint that nobody has examined yet; at the width of a rehearsal none that is right needs more.
    private const long MostBytes = 64 * 1024 * 1024;

    private TensorMemory _zeros = TensorMemory.Allocate(0, out _);

    public string Origin => model.Origin;

    public IEnumerable<string> Names => [];

    public bool Contains(string name) => model.Contains(name);

    public Tensor? Find(string name, TensorShape shape)
    {
        WeightFormat format = model.Find(name, shape)?.Format ?? WeightFormat.Float32;
        WeightFormat stored = shape.Columns % format.BlockLength == 0 ? format : WeightFormat.Float32;
        Tensor blank = new(name, shape, stored, Origin, () => Zeros(stored.BytesFor(shape.Columns) * shape.Rows * shape.Count));
        if (shape.Count == 1)
            return blank;
        TensorShape one = shape with { Count = 1 };
        Tensor member = blank with { Shape = one, Open = () => Zeros(stored.BytesFor(one.Columns) * one.Rows) };
        return blank with { Members = [.. Enumerable.Repeat(member, shape.Count)] };
    }

    /// <summary>The other source is not this one's to close.</summary>
    public void Dispose()
    {
    }

    /// <exception cref="InvalidOperationException">They would be more than a rehearsal needs.</exception>
    private TensorMemory Zeros(long bytes)
    {
        if (bytes > MostBytes)
            throw new InvalidOperationException($"{Origin}: expected at most {MostBytes} bytes of zeros, found {bytes}.");
        if (_zeros.Length < bytes)
            _zeros = TensorMemory.Allocate(bytes, out _);
        return _zeros.Part(0, bytes);
    }
}
