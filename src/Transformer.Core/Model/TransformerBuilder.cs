using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Output;
using Transformer.Core.Positions;
using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>
/// Composes a decoder stack from components and builds it. Starts as the article's own decoder: token embedding,
/// sinusoidal positions, multi-head attention, GELU feed-forward of four times the width with biases, LayerNorm
/// after each residual sum, tied output matrix. Every part can be replaced; a loaded checkpoint is a builder too.
/// </summary>
/// <remarks>Factories are called by <see cref="Build"/> and <see cref="Describe"/>, once for each place they serve. Not thread-safe; what it builds is.</remarks>
public sealed class TransformerBuilder
{
    private LayerPlaces _places = new();
    private TransformerBuilder? _original;
    private bool _isChanged;
    private Func<ComponentContext, IEmbedding> _embedding = c => new TokenEmbedding(c);
    private Func<ComponentContext, IPositionalEncoder> _positions = c => new SinusoidalPositions(c.HiddenSize);
    private Func<ComponentContext, INormalization>? _finalNormalization;
    private Func<ComponentContext, IOutputHead> _head = c => new LinearHead(c);
    private LayerRecipe _layer = Article;

    private static LayerRecipe Article { get; } = new()
    {
        Attention = c => new MultiHeadAttention(c),
        FeedForward = c => new Mlp(c),
        Normalization = c => new LayerNormalization(c),
        Layout = BlockLayout.PostNorm,
    };

    internal ModelSizes Sizes { get; private set; } = new();

    internal IWeightSource? Weights { get; private set; }

    internal ITokenizer? Tokenizer { get; private set; }

    /// <summary>What the checkpoint says of itself, or null.</summary>
    internal IModelMetadata? Metadata { get; private set; }

    internal WorkerPool Workers { get; private set; } = WorkerPool.Shared;

    /// <summary>Null: the formats with which a single session gains.</summary>
    internal bool? InterleavesWeights { get; private set; }

    /// <summary>True once a component was chosen by hand: the checkpoint may then hold tensors that nobody reads.</summary>
    internal bool AllowsUnusedWeights { get; private set; } = true;

    /// <summary>Names the model in descriptions.</summary>
    public TransformerBuilder WithName(string name) => Resize(Sizes with { Name = name });

    /// <summary>Sets the number of token ids.</summary>
    public TransformerBuilder WithVocabulary(int vocabSize) => Resize(Sizes with { VocabSize = vocabSize });

    /// <summary>Sets the tokenizer and, unless it was set already, the number of token ids.</summary>
    public TransformerBuilder WithTokenizer(ITokenizer tokenizer)
    {
        Tokenizer = tokenizer;
        return Sizes.VocabSize == 0 ? WithVocabulary(tokenizer.VocabSize) : this;
    }

    /// <summary>Sets the most tokens of a sequence. Default: 2048.</summary>
    public TransformerBuilder WithContextLength(int contextLength) => Resize(Sizes with { ContextLength = contextLength });

    /// <summary>Sets the width of the residual stream.</summary>
    public TransformerBuilder WithHiddenSize(int hiddenSize) => Resize(Sizes with { HiddenSize = hiddenSize });

    /// <summary>Sets the number of layers.</summary>
    public TransformerBuilder WithLayers(int layers) => Resize(Sizes with { Layers = layers });

    /// <summary>Sets the number of query heads and, where they differ from the usual, of key and value heads and of a head's features.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="kvHeads">Key and value heads; null: as many.</param>
    /// <param name="headDim">Features of a head; null: hidden size / heads.</param>
    public TransformerBuilder WithHeads(int heads, int? kvHeads = null, int? headDim = null) =>
        Resize(Sizes with { Heads = heads, KvHeads = kvHeads ?? 0, HeadDim = headDim ?? 0 });

    /// <summary>Sets the hidden features of the feed-forward. Default: four times the hidden size.</summary>
    public TransformerBuilder WithIntermediateSize(int intermediateSize) => Resize(Sizes with { IntermediateSize = intermediateSize });

    /// <summary>Sets the rate of the dropout after attention and feed-forward. Default: 0.1, as in the article; it acts only with a Monte Carlo seed.</summary>
    public TransformerBuilder WithDropout(double rate) => Resize(Sizes with { DropoutRate = rate });

    /// <summary>Replaces the embedding.</summary>
    public TransformerBuilder WithEmbedding(Func<ComponentContext, IEmbedding> factory)
    {
        _embedding = factory;
        return Changed();
    }

    /// <summary>Replaces the position encoder: the one object serves the embeddings and every layer that is not given its own afterwards.</summary>
    public TransformerBuilder WithPositions(Func<ComponentContext, IPositionalEncoder> factory)
    {
        _positions = factory;
        return ChangeLayers(recipe => recipe with { Positions = null });
    }

    /// <summary>Replaces the attention of every layer; the factory sees which layer (<see cref="ComponentContext.Layer"/>).</summary>
    public TransformerBuilder WithAttention(Func<ComponentContext, IAttentionBlock> factory) => ChangeLayers(recipe => recipe with { Attention = factory });

    /// <summary>Replaces the feed-forward of every layer.</summary>
    public TransformerBuilder WithFeedForward(Func<ComponentContext, IFeedForward> factory) => ChangeLayers(recipe => recipe with { FeedForward = factory });

    /// <summary>Replaces the normalizations of every layer and, unless it was set on its own, the final one.</summary>
    public TransformerBuilder WithNormalization(Func<ComponentContext, INormalization> factory) => ChangeLayers(recipe => recipe with { Normalization = factory });

    /// <summary>Replaces the layout of every layer.</summary>
    public TransformerBuilder WithBlockLayout(BlockLayout layout) => ChangeLayers(recipe => recipe with { Layout = layout });

    /// <summary>Replaces the normalization after the last layer.</summary>
    public TransformerBuilder WithFinalNormalization(Func<ComponentContext, INormalization> factory)
    {
        _finalNormalization = factory;
        return Changed();
    }

    /// <summary>Replaces the output head.</summary>
    public TransformerBuilder WithOutputHead(Func<ComponentContext, IOutputHead> factory)
    {
        _head = factory;
        return Changed();
    }

    /// <summary>Changes one layer. A later call that replaces a part everywhere replaces it here too.</summary>
    /// <param name="layer">The layer, from 0, as it stands now.</param>
    /// <param name="change">What it does differently.</param>
    public TransformerBuilder WithLayer(int layer, Action<LayerBuilder> change)
    {
        _places.Change(layer, change);
        return Changed();
    }

    /// <summary>
    /// Reorders, repeats and leaves out layers: <c>WithLayerOrder(0, 1, 1, 2)</c>. A layer that stands twice has its
    /// weights in memory once and remembers a sequence in each place by itself.
    /// </summary>
    /// <param name="layers">The layers by the places where they stand now.</param>
    public TransformerBuilder WithLayerOrder(params ReadOnlySpan<int> layers)
    {
        _places.Order(layers.ToArray());
        return Changed();
    }

    /// <summary>Leaves a layer out; those behind it move up.</summary>
    /// <param name="layer">The layer, from 0, as it stands now.</param>
    public TransformerBuilder WithoutLayer(int layer)
    {
        _places.Remove(layer);
        return Changed();
    }

    /// <summary>
    /// Inserts a layer made like the others, as far as <paramref name="change"/> does not say otherwise. Its weights lie
    /// below <c>model.inserted.0</c> (1, ...), unless it is given others (<see cref="LayerBuilder.WithWeights(TransformerBuilder, int)"/>).
    /// </summary>
    /// <param name="layer">Where it will stand, from 0; those from there on move down.</param>
    /// <param name="change">What it does differently.</param>
    public TransformerBuilder WithInsertedLayer(int layer, Action<LayerBuilder> change)
    {
        _places.Insert(layer, _layer, change);
        return Changed();
    }

    /// <summary>Sets where the weights come from.</summary>
    public TransformerBuilder WithWeights(IWeightSource weights)
    {
        Weights = weights;
        return this;
    }

    /// <summary>Fills the model with random weights that depend only on the seed and on each tensor's name.</summary>
    /// <param name="seed">Selects the values.</param>
    /// <param name="format">How matrices are stored; null: F32.</param>
    public TransformerBuilder WithRandomWeights(int seed, WeightFormat? format = null) => WithWeights(new RandomWeights(seed, format));

    /// <summary>
    /// Sets how attention stores keys and values: F32 (the default), or F16, BF16 or Q8_0 for a half or a quarter of the
    /// memory, and of what decoding at depth must read. A head's features must be a multiple of the format's block.
    /// </summary>
    public TransformerBuilder WithKvCache(WeightFormat format) => Resize(Sizes with { KvCacheFormat = format });

    /// <summary>Sets how many threads compute a forward pass. Default: one for each processor. Results do not depend on it.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not 1 to 1024.</exception>
    public TransformerBuilder WithThreads(int threads)
    {
        Workers = WorkerPool.OfSize(threads);
        return this;
    }

    /// <summary>
    /// Sets whether quantized matrices are copied, sixteen rows side by side, into memory of the process, where the processor
    /// has AVX-512: several sessions in a pass then cost a third, and decoding costs what reading the weights costs.
    /// By default Q4_0, Q4_K and Q6_K are copied, as with them a single session gains too.
    /// </summary>
    /// <param name="interleaved">
    /// True: Q8_0 too, which gains with several sessions and takes longer to load. False: none; weights are used where the
    /// file is mapped, and processes share its pages.
    /// </param>
    public TransformerBuilder WithInterleavedWeights(bool interleaved)
    {
        InterleavesWeights = interleaved;
        return this;
    }

    /// <summary>Builds the model.</summary>
    /// <exception cref="ModelBuildException">Something does not fit; lists every problem found.</exception>
    public TransformerModel Build() => new ModelAssembly(this, shapesOnly: false).Build();

    /// <summary>Describes the model without reading or making a weight.</summary>
    /// <exception cref="ModelBuildException">Something does not fit; lists every problem found.</exception>
    public ModelDescription Describe() => new ModelAssembly(this, shapesOnly: true).Describe();

    /// <summary>Keeps what the checkpoint says of itself.</summary>
    internal TransformerBuilder WithMetadata(IModelMetadata metadata)
    {
        Metadata = metadata;
        return this;
    }

    /// <summary>Called when a checkpoint's builder is complete: from here on, an untouched checkpoint must be read in full.</summary>
    internal TransformerBuilder RequireAllWeights()
    {
        AllowsUnusedWeights = false;
        return AsOriginal();
    }

    /// <summary>Called when a preset is complete: descriptions tell what is changed from here on.</summary>
    internal TransformerBuilder AsOriginal()
    {
        _isChanged = false;
        _original = (TransformerBuilder)MemberwiseClone();
        _original._places = _places.Copy();
        return this;
    }

    /// <summary>The preset that was changed; null if nothing of it was.</summary>
    internal TransformerBuilder? Original => _isChanged ? _original : null;

    internal Func<ComponentContext, IEmbedding> Embedding => _embedding;

    internal Func<ComponentContext, IPositionalEncoder> Positions => _positions;

    internal Func<ComponentContext, INormalization> FinalNormalization => _finalNormalization ?? _layer.Normalization;

    internal Func<ComponentContext, IOutputHead> OutputHead => _head;

    /// <summary>The stack's places, once the number of layers is known.</summary>
    internal IReadOnlyList<LayerPlace> Places(Action<string> problem) => _places.Resolve(Sizes.Layers, Article, problem);

    private TransformerBuilder ChangeLayers(Func<LayerRecipe, LayerRecipe> change)
    {
        _layer = change(_layer);
        _places.ChangeAll(change);
        return Changed();
    }

    private TransformerBuilder Changed()
    {
        AllowsUnusedWeights = true;
        _isChanged = true;
        return this;
    }

    private TransformerBuilder Resize(ModelSizes sizes)
    {
        Sizes = sizes;
        _isChanged = true;
        return this;
    }
}
