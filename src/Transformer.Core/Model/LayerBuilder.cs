using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>What one layer does differently from the others.</summary>
public sealed class LayerBuilder
{
    internal LayerBuilder(LayerPlace place) => Place = place;

    internal LayerPlace Place { get; private set; }

    private LayerRecipe Recipe => Place.Recipe;

    /// <summary>Gives the layer its own attention block.</summary>
    public LayerBuilder WithAttention(Func<ComponentContext, IAttentionBlock> factory) => Set(Recipe with { Attention = factory });

    /// <summary>Gives the layer its own feed-forward.</summary>
    public LayerBuilder WithFeedForward(Func<ComponentContext, IFeedForward> factory) => Set(Recipe with { FeedForward = factory });

    /// <summary>Gives the layer its own normalizations.</summary>
    public LayerBuilder WithNormalization(Func<ComponentContext, INormalization> factory) => Set(Recipe with { Normalization = factory });

    /// <summary>Gives the layer's attention its own position encoder. Embeddings get their positions from the model's.</summary>
    public LayerBuilder WithPositions(Func<ComponentContext, IPositionalEncoder> factory) => Set(Recipe with { Positions = factory });

    /// <summary>Gives the layer its own layout.</summary>
    public LayerBuilder WithBlockLayout(BlockLayout layout) => Set(Recipe with { Layout = layout });

    /// <summary>Takes the layer's weights from another checkpoint: <c>WithWeights(TransformerBuilder.FromGguf(path), 5)</c>.</summary>
    /// <param name="other">The checkpoint's builder; what it is composed of does not matter.</param>
    /// <param name="layer">The layer there, from 0.</param>
    /// <exception cref="ArgumentException">The builder was given no weights.</exception>
    public LayerBuilder WithWeights(TransformerBuilder other, int layer) =>
        WithWeights(other.Weights ?? throw new ArgumentException("Expected a builder with weights, found one without.", nameof(other)), layer);

    /// <summary>Takes the layer's weights from another source, as one of its layers.</summary>
    /// <param name="weights">The source, under canonical names; the caller's, who keeps it until the model is built.</param>
    /// <param name="layer">The layer there, from 0.</param>
    public LayerBuilder WithWeights(IWeightSource weights, int layer)
    {
        Place = Place with { Weights = weights, Path = LayerPlace.PathOf(layer) };
        return this;
    }

    private LayerBuilder Set(LayerRecipe recipe)
    {
        Place = Place with { Recipe = recipe };
        return this;
    }
}

/// <summary>How a layer is made.</summary>
internal sealed record LayerRecipe
{
    public required Func<ComponentContext, IAttentionBlock> Attention { get; init; }

    public required Func<ComponentContext, IFeedForward> FeedForward { get; init; }

    public required Func<ComponentContext, INormalization> Normalization { get; init; }

    public required BlockLayout Layout { get; init; }

    /// <summary>Null: the model's.</summary>
    public Func<ComponentContext, IPositionalEncoder>? Positions { get; init; }
}
