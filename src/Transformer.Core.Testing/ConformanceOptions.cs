using Transformer.Core.Positions;
using Transformer.Core.Weights;

namespace Transformer.Core.Testing;

/// <summary>The small model in which a component is checked, and how strictly.</summary>
public sealed record ConformanceOptions
{
    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize { get; init; } = 32;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Key and value heads.</summary>
    public int KvHeads { get; init; } = 2;

    /// <summary>Features of a head.</summary>
    public int HeadDim { get; init; } = 8;

    /// <summary>Hidden features of the feed-forward.</summary>
    public int IntermediateSize { get; init; } = 48;

    /// <summary>Number of token ids.</summary>
    public int VocabSize { get; init; } = 50;

    /// <summary>Most tokens of a sequence; the checks need 256.</summary>
    public int ContextLength { get; init; } = 256;

    /// <summary>The position encoder that an attention block is given.</summary>
    public Func<ComponentContext, IPositionalEncoder> Positions { get; init; } = c => new RotaryPositions(c.HeadDim);

    /// <summary>Where the component's weights come from. Default: random ones.</summary>
    public IWeightSource Weights { get; init; } = new RandomWeights(1);

    /// <summary>
    /// How far two results may differ where rows are grouped differently (a matrix product may add in another order),
    /// as a share of the value, or of 1 where the value is smaller. Everything else must be equal bit for bit.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>The rules that are checked: <c>ConformanceRules.All &amp; ~ConformanceRules.Effect</c> for a component that does nothing on purpose.</summary>
    public ConformanceRules Rules { get; init; } = ConformanceRules.All;

    internal TransformerBuilder Builder() => new TransformerBuilder()
        .WithVocabulary(VocabSize)
        .WithHiddenSize(HiddenSize)
        .WithHeads(Heads, KvHeads, HeadDim)
        .WithIntermediateSize(IntermediateSize)
        .WithContextLength(ContextLength)
        .WithLayers(1)
        .WithPositions(Positions)
        .WithWeights(Weights);
}
