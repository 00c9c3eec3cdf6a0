using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>What a component's factory is told when a model is built.</summary>
public sealed class ComponentContext
{
    /// <summary>The weights below this component's path; ask with the shape you will use.</summary>
    public required WeightScope Weights { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Most tokens of a sequence.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>The layer being built, as the checkpoint numbers it (from 0), wherever it now stands; -1 for components outside the layers.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>Query heads, 0 if the builder was not told.</summary>
    public int Heads { get; init; }

    /// <summary>Key and value heads, 0 if the builder was not told.</summary>
    public int KvHeads { get; init; }

    /// <summary>Features of a head, 0 if the builder was not told.</summary>
    public int HeadDim { get; init; }

    /// <summary>Hidden features of the feed-forward, 0 if the builder was not told.</summary>
    public int IntermediateSize { get; init; }

    /// <summary>How attention stores keys and values.</summary>
    public WeightFormat KvCacheFormat { get; init; } = WeightFormat.Float32;

    /// <summary>The position encoder of this layer, for attention to call.</summary>
    public IPositionalEncoder? Positions { get; init; }

    /// <summary>The same place for a part whose weights lie below <paramref name="name"/>.</summary>
    public ComponentContext Below(string name) => new()
    {
        Weights = Weights.Child(name),
        HiddenSize = HiddenSize,
        VocabSize = VocabSize,
        ContextLength = ContextLength,
        Layers = Layers,
        Layer = Layer,
        Heads = Heads,
        KvHeads = KvHeads,
        HeadDim = HeadDim,
        IntermediateSize = IntermediateSize,
        Positions = Positions,
        KvCacheFormat = KvCacheFormat,
    };
}
