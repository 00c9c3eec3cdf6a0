using System.Globalization;
using System.Text;
using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>What a model is made of: components, tensors, shapes, parameters and bytes. Costs no weights to make.</summary>
public sealed class ModelDescription
{
    internal ModelDescription(ModelSizes sizes, IReadOnlyList<LayerPlace> places, IReadOnlyList<ComponentDescription> components, long stateBytes)
    {
        Name = sizes.Name;
        VocabSize = sizes.VocabSize;
        HiddenSize = sizes.HiddenSize;
        ContextLength = sizes.ContextLength;
        Places = places;
        Components = components;
        StateBytes = stateBytes;
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>Number of token ids.</summary>
    public int VocabSize { get; }

    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize { get; }

    /// <summary>Most tokens of a sequence.</summary>
    public int ContextLength { get; }

    /// <summary>Number of layers.</summary>
    public int Layers => Places.Count;

    /// <summary>The components in the order of a forward pass.</summary>
    public IReadOnlyList<ComponentDescription> Components { get; }

    /// <summary>Number of weights; shared ones (a tied head) count once.</summary>
    public long ParameterCount => Components.Sum(component => component.ParameterCount);

    /// <summary>Bytes of the weights as stored; shared ones count once.</summary>
    public long WeightBytes => Components.Sum(component => component.WeightBytes);

    /// <summary>Bytes that one sequence of <see cref="ContextLength"/> tokens takes in the layers' states (the KV cache).</summary>
    public long StateBytes { get; }

    /// <summary>What is different from the checkpoint or preset that the builder began as, a line each; empty if nothing is, or if it began as nothing.</summary>
    public IReadOnlyList<string> Changes { get; internal init; } = [];

    internal IReadOnlyList<LayerPlace> Places { get; }

    /// <summary>A table for people. Layers that are alike stand in one line; what was changed comes last.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Name}: {Layers} layers, hidden size {HiddenSize}, vocabulary {VocabSize}, context {ContextLength}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{ParameterCount:N0} parameters, {Bytes(WeightBytes)} of weights, {Bytes(StateBytes)} of state for a full context");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{"where",-23} {"component",-24} {"tensor",-38} {"shape",-18} {"type",-5} {"parameters",16} {"bytes",12}");
        for (int i = 0; i < Components.Count; i++)
        {
            int same = 1;
            while (Components[i].Layer >= 0 && SpanOfLayer(i) is int span && RepeatsAt(i, span, same))
                same++;
            if (same > 1)
            {
                int span = SpanOfLayer(i);
                string where = $"layers {Components[i].Layer}-{Components[i].Layer + same - 1}";
                for (int k = 0; k < span; k++)
                    Append(text, Components[i + k], k == 0 ? $"{where} (each)" : "");
                i += (span * same) - 1;
            }
            else
            {
                Append(text, Components[i], Components[i].Layer >= 0 ? $"layer {Components[i].Layer}" : Components[i].Path);
            }
        }
        if (Changes.Count > 0)
            text.AppendLine().AppendLine("changed:");
        foreach (string change in Changes)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {change}");
        return text.ToString();
    }

    private static void Append(StringBuilder text, ComponentDescription component, string where)
    {
        if (component.Tensors.Count == 0)
            text.AppendLine(CultureInfo.InvariantCulture, $"{where,-23} {component.Name,-24} (no weights of its own)");
        foreach (Tensor tensor in component.Tensors)
        {
            string name = ShortName(tensor.Name);
            text.AppendLine(CultureInfo.InvariantCulture, $"{where,-23} {component.Name,-24} {name,-38} {tensor.Shape,-18} {tensor.Format,-5} {tensor.Shape.Length,16:N0} {Bytes(tensor.SizeInBytes),12}");
            where = "";
        }
    }

    private static string ShortName(string name)
    {
        string[] parts = name.Split('.');
        return parts is ["model", "layers", _, ..] ? string.Join('.', parts[3..]) : name;
    }

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):N2} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):N2} MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):N2} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };

    private int SpanOfLayer(int index)
    {
        int span = 1;
        while (index + span < Components.Count && Components[index + span].Layer == Components[index].Layer)
            span++;
        return span;
    }

    private bool RepeatsAt(int index, int span, int times)
    {
        int other = index + (span * times);
        if (index > 0 && Components[index - 1].Layer == Components[index].Layer)
            return false;
        for (int k = 0; k < span; k++)
        {
            if (other + k >= Components.Count || Components[other + k].Layer != Components[index].Layer + times || !Components[index + k].LooksLike(Components[other + k]))
                return false;
        }
        return other + span >= Components.Count || Components[other + span].Layer != Components[other].Layer;
    }
}

/// <summary>One component of a model.</summary>
/// <param name="Name">Its type.</param>
/// <param name="Layer">Its layer, or -1.</param>
/// <param name="Path">Where its weights lie, such as <c>model.layers.3.mlp</c>.</param>
/// <param name="Tensors">Its weights; one that it shares stands with the component that reads it first.</param>
public sealed record ComponentDescription(string Name, int Layer, string Path, IReadOnlyList<Tensor> Tensors)
{
    /// <summary>Number of its weights.</summary>
    public long ParameterCount => Tensors.Sum(tensor => tensor.Shape.Length);

    /// <summary>Bytes of its weights as stored.</summary>
    public long WeightBytes => Tensors.Sum(tensor => tensor.SizeInBytes);

    /// <summary>What made it.</summary>
    internal Delegate? Factory { get; init; }

    /// <summary>The part of the path that all layers have in common: <c>mlp</c>, <c>self_attn</c>, <c>input_layernorm</c>; outside the layers the whole path.</summary>
    internal string Role => Layer < 0 ? Path : Path[(Path.LastIndexOf('.') + 1)..];

    internal bool LooksLike(ComponentDescription other) =>
        Name == other.Name && Tensors.Count == other.Tensors.Count
        && Tensors.Zip(other.Tensors).All(pair => pair.First.Shape == pair.Second.Shape && pair.First.Format == pair.Second.Format);
}
