using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>
/// Books what the components of one build ask of a source: which tensors, in which order, and what was wrong
/// with them. With <c>shapesOnly</c> no byte is read: the books are then the model's description.
/// </summary>
/// <param name="source">Where the weights come from.</param>
/// <param name="shapesOnly">Whether only shapes are asked for.</param>
/// <param name="interleaver">Puts rows side by side in memory of their own; null: weights stay where they are.</param>
internal sealed class WeightLedger(IWeightSource source, bool shapesOnly, Interleaver? interleaver = null)
{
    private readonly Dictionary<string, (Tensor Tensor, WeightMatrix? Matrix)> _read = [];
    private readonly List<Tensor> _order = [];
    private readonly List<string> _problems = [];

    /// <summary>Everything asked for, in order, under its canonical name; a tensor that two components share stands once.</summary>
    public IReadOnlyList<Tensor> Tensors => _order;

    /// <summary>What was missing or had another shape.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Names of the source that no component asked for.</summary>
    public IReadOnlyList<string> Unused => [.. source.Names.Where(name => !_read.ContainsKey(name)).Order(StringComparer.Ordinal)];

    public bool Contains(string name) => source.Contains(name);

    /// <summary>A matrix; asked for twice (a tied head), it is the same object.</summary>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        TensorShape shape = new(rows, columns);
        if (_read.TryGetValue(name, out (Tensor Tensor, WeightMatrix? Matrix) known) && known.Matrix is not null && known.Tensor.Shape == shape)
            return known.Matrix;
        Tensor? found = Find(name, shape);
        Tensor tensor = Book(name, shape, found);
        WeightMatrix matrix = WeightMatrix.Create(tensor, found is null || shapesOnly ? null : found.Open(), interleaver);
        _read[name] = (tensor, matrix);
        return matrix;
    }

    /// <summary>
    /// The matrices of a stack, one for each member. Of one that was not found there is a single matrix: the build will
    /// fail, and a number that only the metadata says must not cost memory.
    /// </summary>
    public WeightMatrix[] Stack(string name, int count, int rows, int columns)
    {
        TensorShape shape = new(rows, columns, count);
        Tensor? found = Find(name, shape);
        Tensor tensor = Book(name, shape, found);
        TensorMemory? memory = found is null || shapesOnly || found.Members is not null ? null : found.Open();
        WeightMatrix[] matrices = new WeightMatrix[found is null ? 1 : count];
        for (int member = 0; member < matrices.Length; member++)
        {
            // Without memory, a member's place does not matter: all that it has is its shape.
            Tensor own = TensorStacks.Member(tensor, member, memory);
            matrices[member] = WeightMatrix.Create(own, found is null || shapesOnly ? null : own.Open(), interleaver);
        }
        return matrices;
    }

    /// <summary>The vectors of a stack, one for each member; none if it was not found.</summary>
    public float[][] Vectors(string name, int count, int length)
    {
        TensorShape shape = new(count, length);
        Tensor? found = Find(name, shape);
        Book(name, shape, found);
        return found is null ? [] : shapesOnly ? [.. Enumerable.Repeat(new float[length], count)] : [.. found.ToArray().Chunk(length)];
    }

    public float[] Vector(string name, int length)
    {
        TensorShape shape = TensorShape.Vector(length);
        Tensor? found = Find(name, shape);
        Book(name, shape, found);
        return found is null || shapesOnly ? new float[length] : found.ToArray();
    }

    private Tensor? Find(string name, TensorShape shape)
    {
        Tensor? found = source.Find(name, shape);
        if (found is null)
        {
            Note($"{source.Origin}: tensor '{name}': expected shape {shape}, found no tensor of this name.");
            return null;
        }
        if (found.Shape == shape)
            return found;
        string alias = found.Name == name ? "" : $" ('{found.Name}' in the file)";
        Note($"{source.Origin}: tensor '{name}'{alias}: expected shape {shape}, found {found.Shape}.");
        return null;
    }

    private Tensor Book(string name, TensorShape shape, Tensor? found)
    {
        Tensor tensor = found is null
            ? new Tensor(name, shape, WeightFormat.Float32, source.Origin, () => throw new InvalidOperationException($"{name} was not found."))
            : found with { Name = name };
        if (_read.TryAdd(name, (tensor, null)))
            _order.Add(tensor);
        return tensor;
    }

    private void Note(string problem)
    {
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }
}
