namespace Transformer.Core.Weights;

/// <summary>
/// The weights below one path of a model, as a component sees them: it asks for a name together with the
/// shape that it will use. What is missing or has another shape is noted, and <c>Build()</c> reports all of it at once.
/// </summary>
public sealed class WeightScope
{
    private readonly WeightLedger _ledger;
    private readonly string _path;

    internal WeightScope(WeightLedger ledger, string path)
    {
        _ledger = ledger;
        _path = path;
    }

    /// <summary>The path, such as <c>model.layers.3.self_attn</c>; empty for the whole model.</summary>
    public string Path => _path;

    /// <summary>The weights of the whole model.</summary>
    public WeightScope Root => new(_ledger, "");

    /// <summary>The weights below a name, such as <c>self_attn</c> or <c>layers.3</c>.</summary>
    public WeightScope Child(string name) => new(_ledger, Join(name));

    /// <summary>True if the source has a tensor of that name here.</summary>
    public bool Contains(string name) => _ledger.Contains(Join(name));

    /// <summary>A matrix [rows, columns] = [outputs, inputs] that must be there.</summary>
    public WeightMatrix Matrix(string name, int rows, int columns) =>
        _ledger.Matrix(Join(name), rows, columns);

    /// <summary>A vector that must be there, as floats.</summary>
    public float[] Vector(string name, int length) => _ledger.Vector(Join(name), length);

    /// <summary>A vector, or null where the source has none of that name.</summary>
    public float[]? OptionalVector(string name, int length) => Contains(name) ? Vector(name, length) : null;

    /// <summary>
    /// A linear map for each member of a stack (each expert, each head), which all read as many inputs:
    /// <c>Stack(64, hidden, ("gate_proj", width), ("up_proj", width))</c> reads <c>gate_proj.weight</c> [64, width, hidden]
    /// and so on, and with <paramref name="bias"/> also <c>gate_proj.bias</c> [64, width].
    /// </summary>
    public StackedLinear Stack(int count, int inputs, bool bias, params ReadOnlySpan<(string Name, int Outputs)> parts)
    {
        WeightMatrix[][] matrices = new WeightMatrix[parts.Length][];
        float[][][] biases = new float[parts.Length][][];
        for (int part = 0; part < parts.Length; part++)
        {
            (string name, int outputs) = parts[part];
            matrices[part] = _ledger.Stack(Join(name + ".weight"), count, outputs, inputs);
            if (bias)
                biases[part] = _ledger.Vectors(Join(name + ".bias"), count, outputs);
        }
        bool found = Array.TrueForAll(matrices, part => part.Length == count) && (!bias || Array.TrueForAll(biases, part => part.Length == count));
        Linear[] members = new Linear[found ? count : 1];
        bias &= found;
        for (int member = 0; member < members.Length; member++)
            members[member] = new Linear([.. matrices.Select(part => part[member])], bias ? [.. biases.SelectMany(part => part[member])] : null);
        return new StackedLinear(members);
    }

    /// <summary>
    /// A linear map without bias from <paramref name="inputs"/> features to the outputs of all parts side by side:
    /// <c>Linear(hidden, ("q_proj", q), ("k_proj", kv), ("v_proj", kv))</c> reads <c>q_proj.weight</c> and so on.
    /// </summary>
    public Linear Linear(int inputs, params ReadOnlySpan<(string Name, int Outputs)> parts) => Linear(inputs, bias: false, parts);

    /// <summary>A linear map; with <paramref name="bias"/> every part has one (<c>q_proj.bias</c>).</summary>
    public Linear Linear(int inputs, bool bias, params ReadOnlySpan<(string Name, int Outputs)> parts)
    {
        WeightMatrix[] matrices = new WeightMatrix[parts.Length];
        List<float> biases = [];
        for (int i = 0; i < parts.Length; i++)
        {
            (string name, int outputs) = parts[i];
            matrices[i] = Matrix(name + ".weight", outputs, inputs);
            if (bias)
                biases.AddRange(Vector(name + ".bias", outputs));
        }
        return new Linear(matrices, bias ? [.. biases] : null);
    }

    private string Join(string name) => _path.Length == 0 ? name : name.Length == 0 ? _path : $"{_path}.{name}";
}
