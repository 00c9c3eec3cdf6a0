namespace Transformer.Core.Weights;

/// <summary>Where weights come from: a file, a generator, or a list of shapes.</summary>
public interface IWeightSource : IDisposable
{
    /// <summary>The file, folder or description named in messages.</summary>
    string Origin { get; }

    /// <summary>Names of everything the source holds; empty for one that makes whatever is asked for.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>True if <see cref="Find"/> would give a tensor of this name, in whatever shape.</summary>
    bool Contains(string name);

    /// <summary>The tensor of that name, or null if there is none. A file gives it in the shape that it has there.</summary>
    /// <param name="name">Canonical name: that of Hugging Face's Llama (<c>model.layers.3.self_attn.q_proj.weight</c>).</param>
    /// <param name="shape">The shape that the component will use. A source that makes or cuts tensors follows it.</param>
    Tensor? Find(string name, TensorShape shape);
}
