namespace Transformer.Core.Weights;

/// <summary>A source under the canonical names of a <see cref="TensorNames"/> table.</summary>
internal sealed class RenamedWeights(IWeightSource source, TensorNames names) : IWeightSource
{
    private const string Number = "{e}";

    public string Origin => source.Origin;

    public IEnumerable<string> Names => source.Names.SelectMany(names.Canonical);

    public bool Contains(string name) => source.Contains(names.Find(name) is { } entry ? Member(entry.File, 0) : name);

    public Tensor? Find(string name, TensorShape shape)
    {
        if (names.Find(name) is not { } entry)
            return source.Find(name, shape);
        if (entry.File.Contains(Number, StringComparison.Ordinal))
            return Stack(entry.File, shape);
        Tensor? tensor = source.Find(entry.File, shape);
        if (tensor is null)
            return null;
        if (entry.Cut is TensorNames.Cut.Even or TensorNames.Cut.Odd || (entry.Transposed && tensor.Shape.Count > 1))
            return TensorStacks.Outputs(tensor, entry.Cut is TensorNames.Cut.Odd ? 1 : 0, entry.Cut is TensorNames.Cut.Whole ? 1 : 2, entry.Transposed);
        if (entry.Cut is TensorNames.Cut.FirstOfHeads)
            return TensorStacks.FirstOfHeads(tensor, shape);
        if (entry.Cut is TensorNames.Cut.LastOfHeads)
            return TensorStacks.LastOfHeads(tensor, shape);

        if (entry.Heads > 0)
            return TensorCuts.PartOfHeads(tensor, entry.Heads, entry.Cut);
        if (entry.Missing != 0)
            return TensorCuts.Shifted(tensor, entry.Missing);

        // A vector (a bias) is cut along its only dimension, and is its own transpose.
        bool vector = tensor.Shape.Rows == 1;
        bool transposed = entry.Transposed && !vector;
        int outputs = vector || transposed ? tensor.Shape.Columns : tensor.Shape.Rows;
        int wanted = vector ? shape.Columns : shape.Rows;
        (int start, int length) = entry.Cut switch
        {
            TensorNames.Cut.First => (0, wanted),
            TensorNames.Cut.SecondToLast => (outputs - (2 * wanted), wanted),
            TensorNames.Cut.Last => (outputs - wanted, wanted),
            _ => (0, outputs),
        };

        // Not to be cut this way: given whole, so that the caller's message shows the shape that was found.
        if (start < 0 || start + length > outputs)
            (start, length) = (0, outputs);
        return transposed ? TensorCuts.TransposedColumns(tensor, start, length)
            : length == outputs ? tensor
            : vector ? TensorCuts.Values(tensor, start, length)
            : TensorCuts.Rows(tensor, start, length);
    }

    public void Dispose() => source.Dispose();

    private static string Member(string file, int number) => file.Replace(Number, $"{number}", StringComparison.Ordinal);

    /// <summary>All members, and no more of them than are asked for.</summary>
    private Tensor? Stack(string file, TensorShape shape)
    {
        List<Tensor> members = [];
        for (int number = 0; number <= shape.Count; number++)
        {
            Tensor? member = source.Find(Member(file, number), shape with { Count = 1 });
            if (member is null && number == 0)
                return null;
            if (member is null == number < shape.Count)
                throw new ModelFileException(Origin, $"tensor '{Member(file, number)}'", $"{shape.Count} tensors of this name, numbered from 0", member is null ? $"{number}" : "more");
            if (number < shape.Count)
                members.Add(member!);
        }
        return TensorStacks.Join(file, members);
    }
}
