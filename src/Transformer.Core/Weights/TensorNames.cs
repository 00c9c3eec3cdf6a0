using System.Text.RegularExpressions;

namespace Transformer.Core.Weights;

/// <summary>
/// A flat table from canonical tensor names to a file's own, <c>{}</c> standing for the layer's number.
/// An entry may also say that the file fuses several tensors into one, stores a matrix transposed, has a tensor for
/// each expert instead of a stack, or leaves a constant out of a norm's weights.
/// </summary>
public sealed partial class TensorNames
{
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly HashSet<string> _ignored = [];
    private readonly List<string> _ignoredPrefixes = [];

    /// <summary>How a canonical tensor is cut from the file's tensor.</summary>
    internal enum Cut
    {
        /// <summary>The whole tensor.</summary>
        Whole,

        /// <summary>The first rows.</summary>
        First,

        /// <summary>The rows before the last, in a tensor that ends with two parts of this size.</summary>
        SecondToLast,

        /// <summary>The last rows.</summary>
        Last,

        /// <summary>Outputs 0, 2, 4 and so on.</summary>
        Even,

        /// <summary>Outputs 1, 3, 5 and so on.</summary>
        Odd,

        /// <summary>The first rows of every head, turned: a stack.</summary>
        FirstOfHeads,

        /// <summary>The last rows of every head: a stack.</summary>
        LastOfHeads,
    }

    /// <summary>Adds names that differ: <c>("model.layers.{}.self_attn.q_proj.weight", "blk.{}.attn_q.weight")</c>.</summary>
    public TensorNames Add(string canonical, string file, bool transposed = false) => Set(canonical, new Entry(file, Cut.Whole, transposed));

    /// <summary>Adds two canonical tensors that the file stacks row over row: gate and up.</summary>
    public TensorNames AddFused(string first, string last, string file, bool transposed = false) =>
        Set(first, new Entry(file, Cut.First, transposed)).Set(last, new Entry(file, Cut.Last, transposed));

    /// <summary>Adds three canonical tensors that the file stacks row over row, the last two of one size: q, k and v.</summary>
    public TensorNames AddFused(string first, string second, string last, string file, bool transposed = false) =>
        Set(first, new Entry(file, Cut.First, transposed))
            .Set(second, new Entry(file, Cut.SecondToLast, transposed))
            .Set(last, new Entry(file, Cut.Last, transposed));

    /// <summary>
    /// Adds three canonical tensors of one size that the file interleaves: q, k and v of the first head, of the second,
    /// and so on.
    /// </summary>
    /// <param name="first">The first of the three.</param>
    /// <param name="second">The second.</param>
    /// <param name="last">The last.</param>
    /// <param name="file">The file's tensor.</param>
    /// <param name="heads">Number of heads.</param>
    public TensorNames AddInterleaved(string first, string second, string last, string file, int heads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        return Set(first, new Entry(file, Cut.First, Heads: heads))
            .Set(second, new Entry(file, Cut.SecondToLast, Heads: heads))
            .Set(last, new Entry(file, Cut.Last, Heads: heads));
    }

    /// <summary>Adds a vector of which the file stores less: a norm that multiplies by 1 + its weight.</summary>
    /// <param name="canonical">The canonical name.</param>
    /// <param name="file">The file's.</param>
    /// <param name="missing">What is added to every value.</param>
    public TensorNames AddShifted(string canonical, string file, float missing) => Set(canonical, new Entry(file, Cut.Whole, Missing: missing));

    /// <summary>
    /// Adds a stack of matrices of which the file has each in a tensor of its own, <c>{e}</c> standing for its number:
    /// <c>("model.layers.{}.mlp.experts.up_proj.weight", "model.layers.{}.mlp.experts.{e}.up_proj.weight")</c>.
    /// </summary>
    public TensorNames AddStack(string canonical, string file) => Set(canonical, new Entry(file, Cut.Whole));

    /// <summary>Adds two stacks of matrices, or of vectors, whose outputs alternate in the file: gate and up.</summary>
    public TensorNames AddAlternating(string first, string second, string file, bool transposed = false) =>
        Set(first, new Entry(file, Cut.Even, transposed)).Set(second, new Entry(file, Cut.Odd, transposed));

    /// <summary>
    /// Adds two stacks of matrices, one a head, of which the file has one matrix: of every head its keys' rows and then
    /// its values' rows. Keys are turned: their stack's rows are the columns.
    /// </summary>
    public TensorNames AddHeads(string keys, string values, string file) =>
        Set(keys, new Entry(file, Cut.FirstOfHeads)).Set(values, new Entry(file, Cut.LastOfHeads));

    /// <summary>Leaves a file's tensor out of the names: a buffer saved beside the weights, which no model reads.</summary>
    public TensorNames Ignore(string file)
    {
        _ignored.Add(file);
        return this;
    }

    /// <summary>Leaves out all of a file's tensors whose names begin so: parts of the file that are no part of the model.</summary>
    public TensorNames IgnoreBelow(string prefix)
    {
        _ignoredPrefixes.Add(prefix);
        return this;
    }

    /// <summary>The source under canonical names. A name that the table does not list is looked up as it is.</summary>
    public IWeightSource Apply(IWeightSource source) => new RenamedWeights(source, this);

    internal Entry? Find(string canonical)
    {
        if (_entries.TryGetValue(canonical, out Entry entry))
            return entry;
        Match layer = LayerNumber().Match(canonical);
        if (!layer.Success || !_entries.TryGetValue(canonical.Remove(layer.Index + 1, layer.Length - 2).Insert(layer.Index + 1, "{}"), out entry))
            return null;
        return entry with { File = entry.File.Replace("{}", layer.Value.Trim('.'), StringComparison.Ordinal) };
    }

    /// <summary>Canonical names of a file's tensor: several where it is fused, none where it is ignored, itself where the table does not list it.</summary>
    internal IEnumerable<string> Canonical(string file)
    {
        Match layer = LayerNumber().Match(file);
        string number = layer.Success ? layer.Value.Trim('.') : "";
        string pattern = layer.Success ? file.Remove(layer.Index + 1, layer.Length - 2).Insert(layer.Index + 1, "{}") : file;
        string stack = layer.Success ? LayerNumber().Replace(pattern, ".{e}.", 1) : "";
        if (_ignoredPrefixes.Exists(prefix => file.StartsWith(prefix, StringComparison.Ordinal)))
            yield break;
        bool any = _ignored.Contains(file) || _ignored.Contains(pattern);
        foreach ((string canonical, Entry entry) in _entries)
        {
            if (entry.File != pattern && entry.File != file && entry.File != stack)
                continue;
            any = true;
            yield return canonical.Replace("{}", number, StringComparison.Ordinal);
        }
        if (!any)
            yield return file;
    }

    private TensorNames Set(string canonical, Entry entry)
    {
        _entries[canonical] = entry;
        return this;
    }

    [GeneratedRegex(@"\.\d+\.")]
    private static partial Regex LayerNumber();

    /// <summary>Where a canonical tensor is.</summary>
    /// <param name="File">The file's tensor.</param>
    /// <param name="Cut">Which part of it.</param>
    /// <param name="Transposed">Whether it is stored [inputs, outputs].</param>
    /// <param name="Heads">Heads of which each has three parts; 0: the parts are whole.</param>
    /// <param name="Missing">What is to be added to every value.</param>
    internal readonly record struct Entry(string File, Cut Cut, bool Transposed = false, int Heads = 0, float Missing = 0);
}
