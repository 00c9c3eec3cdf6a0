using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>
/// Zeros in whatever shape is asked for, stored as another source stores the tensor of that name, or as F32. None of the
/// other's values is read. All tensors are the same memory. Not thread-safe.
/// </summary>
/// <param name="model">Tells which tensors there are, and their formats.</param>
internal sealed class BlankWeights(IWeightSource model) : IWeightSource
{
    // Sizes come from a checkpoint that nobody has examined yet. This much anybody may have; more than this, only as
    // much as the checkpoint itself has.
    private const long SmallBytes = 16 * 1024 * 1024;

    private TensorMemory _zeros = TensorMemory.Allocate(0, out _);

    public string Origin => model.Origin;

    public IEnumerable<string> Names => [];

    public bool Contains(string name) => model.Contains(name);

    public Tensor? Find(string name, TensorShape shape)
    {
        Tensor? real = model.Find(name, shape);
        WeightFormat format = real?.Format ?? WeightFormat.Float32;
        WeightFormat stored = shape.Columns % format.BlockLength == 0 ? format : WeightFormat.Float32;
        long bytes = stored.BytesFor(shape.Columns) * shape.Rows * shape.Count;
        long most = Math.Max(SmallBytes, real is null ? 0 : real.Shape.Length / format.BlockLength * format.BlockBytes);
        if (bytes > most)
            throw new InvalidOperationException($"{Origin}: expected at most {most} bytes of zeros for {name} {shape}, found {bytes}.");

        Tensor blank = new(name, shape, stored, Origin, () => Zeros(bytes));
        if (shape.Count == 1)
            return blank;
        Tensor member = blank with { Shape = shape with { Count = 1 }, Open = () => Zeros(bytes / shape.Count) };
        return blank with { Members = [.. Enumerable.Repeat(member, shape.Count)] };
    }

    /// <summary>The other source is not this one's to close.</summary>
    public void Dispose()
    {
    }

    private TensorMemory Zeros(long bytes)
    {
        if (_zeros.Length < bytes)
            _zeros = TensorMemory.Allocate(bytes, out _);
        return _zeros.Part(0, bytes);
    }
}
