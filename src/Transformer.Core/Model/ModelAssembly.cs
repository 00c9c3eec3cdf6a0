using Transformer.Core.Weights;

namespace Transformer.Core;

/// <summary>One build: checks the sizes, calls the factories, and collects every problem before it gives up.</summary>
internal sealed class ModelAssembly
{
    private readonly TransformerBuilder _builder;
    private readonly ModelSizes _sizes;
    private readonly bool _shapesOnly;
    private readonly IWeightSource _weights;
    private readonly Dictionary<IWeightSource, WeightLedger> _ledgers = [];
    private readonly IReadOnlyList<LayerPlace> _places;
    private readonly List<string> _problems = [];
    private readonly List<ComponentDescription> _components = [];
    private long _stateBytes;

    public ModelAssembly(TransformerBuilder builder, bool shapesOnly, IWeightSource? weights = null)
    {
        _builder = builder;
        _shapesOnly = shapesOnly;
        _sizes = Complete(builder.Sizes);
        _weights = weights ?? builder.Weights ?? new RandomWeights(0);
        _places = builder.Places(_problems.Add);
    }

    public TransformerModel Build()
    {
        if (_builder.Weights is null)
            _problems.Add("Weights: expected WithWeights, WithRandomWeights or a loaded checkpoint, found none.");
        ModelParts parts = Assemble();
        return new TransformerModel(Description(), _builder.Tokenizer, _builder.Metadata, _builder.Workers, parts);
    }

    public ModelDescription Describe()
    {
        Assemble();
        return Description();
    }

    private ModelParts Assemble()
    {
        CheckSizes();
        ThrowIfAny();

        IEmbedding? embedding = Create("model.embed_tokens", -1, null, _builder.Embedding);
        IPositionalEncoder? positions = Create("model.embed_positions", -1, null, _builder.Positions);
        DecoderBlock?[] blocks = new DecoderBlock?[_places.Count];
        for (int layer = 0; layer < blocks.Length; layer++)
            blocks[layer] = CreateBlock(layer, positions);
        INormalization? finalNorm = Create("model.norm", -1, null, _builder.FinalNormalization);
        IOutputHead? head = Create("lm_head", -1, null, _builder.OutputHead);

        _problems.AddRange(_ledgers.Values.SelectMany(ledger => ledger.Problems));
        if (!_builder.AllowsUnusedWeights)
            _problems.AddRange(LedgerOf(_weights).Unused.Select(name => $"{_builder.Weights!.Origin}: tensor '{name}': no component of this architecture reads it."));
        ThrowIfAny();
        return new ModelParts(embedding!, positions!, blocks!, finalNorm!, head!);
    }

    private DecoderBlock? CreateBlock(int layer, IPositionalEncoder? shared)
    {
        (LayerRecipe recipe, _, string path, _) = _places[layer];
        IPositionalEncoder? positions = recipe.Positions is null ? shared : Create($"{path}.positions", layer, null, recipe.Positions);
        IAttentionBlock? attention = Create($"{path}.self_attn", layer, positions, recipe.Attention);
        IFeedForward? feedForward = Create($"{path}.mlp", layer, positions, recipe.FeedForward);
        INormalization?[] norms = [.. recipe.Layout.NormNames.Select(name => Create($"{path}.{name}", layer, positions, recipe.Normalization))];
        if (attention is null || feedForward is null || norms.Contains(null))
            return null;
        _stateBytes += attention.StateBytes(_sizes.ContextLength);
        return new DecoderBlock(attention, feedForward, norms!, recipe.Layout, new Dropout(_sizes.DropoutRate));
    }

    /// <summary>Calls a factory; what it throws about its options becomes one of the problems.</summary>
    private T? Create<T>(string path, int layer, IPositionalEncoder? positions, Func<ComponentContext, T> factory)
        where T : class
    {
        LayerPlace? place = layer < 0 ? null : _places[layer];
        WeightLedger ledger = LedgerOf(place?.Weights ?? _weights);
        int before = ledger.Tensors.Count;
        ComponentContext context = new()
        {
            Weights = new WeightScope(ledger, path),
            HiddenSize = _sizes.HiddenSize,
            VocabSize = _sizes.VocabSize,
            ContextLength = _sizes.ContextLength,
            Layers = _places.Count,
            Layer = place?.Source ?? -1,
            Heads = _sizes.Heads,
            KvHeads = _sizes.KvHeads,
            HeadDim = _sizes.HeadDim,
            IntermediateSize = _sizes.IntermediateSize,
            KvCacheFormat = _sizes.KvCacheFormat,
            Positions = positions,
        };
        try
        {
            T component = factory(context) ?? throw new ArgumentException("the factory returned null.");
            _components.Add(new ComponentDescription(component.GetType().Name, layer, path, [.. ledger.Tensors.Skip(before)]) { Factory = factory });
            return component;
        }
        catch (Exception exception) when (exception is ArgumentException or TransformerException)
        {
            _problems.Add($"{path}: {exception.Message}");
            return null;
        }
    }

    private void CheckSizes()
    {
        Positive("VocabSize", _sizes.VocabSize, nameof(TransformerBuilder.WithVocabulary));
        Positive("HiddenSize", _sizes.HiddenSize, nameof(TransformerBuilder.WithHiddenSize));
        Positive("Layers", _sizes.Layers, nameof(TransformerBuilder.WithLayers));
        Positive("ContextLength", _sizes.ContextLength, nameof(TransformerBuilder.WithContextLength));
        if (_sizes.Heads < 0 || _sizes.KvHeads < 0 || _sizes.HeadDim < 0)
            _problems.Add($"Heads: expected positive numbers, found {_sizes.Heads} heads, {_sizes.KvHeads} kv heads, head dim {_sizes.HeadDim}.");
        else if (_sizes.Heads > 0 && _builder.Sizes.HeadDim == 0 && _sizes.HiddenSize % _sizes.Heads != 0)
            _problems.Add($"Heads: expected a divisor of HiddenSize {_sizes.HiddenSize} (or a HeadDim), found {_sizes.Heads}.");
        if (_sizes.DropoutRate is not (>= 0 and < 1))
            _problems.Add($"DropoutRate: expected at least 0 and below 1, found {_sizes.DropoutRate}.");
        if (_builder.Tokenizer is { } tokenizer && tokenizer.VocabSize > _sizes.VocabSize && _sizes.VocabSize > 0)
            _problems.Add($"Tokenizer: expected at most {_sizes.VocabSize} ids (VocabSize), found {tokenizer.VocabSize}.");
    }

    private void Positive(string name, int value, string method)
    {
        if (value < 1)
            _problems.Add($"{name}: expected at least 1 ({method}), found {(value == 0 ? "none" : value)}.");
    }

    private void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw new ModelBuildException(_problems);
    }

    private ModelDescription Description() => new(_sizes, _places, _components, _stateBytes)
    {
        Changes = _builder.Original is { } original ? ModelDifference.Between(Described(original), _components, _places) : [],
    };

    /// <summary>The original, described for the same weights; null if it cannot be (other sizes, other weights).</summary>
    private ModelDescription? Described(TransformerBuilder original)
    {
        try
        {
            return new ModelAssembly(original, shapesOnly: true, _weights).Describe();
        }
        catch (ModelBuildException)
        {
            return null;
        }
    }

    private WeightLedger LedgerOf(IWeightSource source)
    {
        if (!_ledgers.TryGetValue(source, out WeightLedger? ledger))
            _ledgers[source] = ledger = new WeightLedger(source, _shapesOnly, _builder.InterleavesWeights == false ? null : new Interleaver(_builder.Workers, _builder.InterleavesWeights == true));
        return ledger;
    }

    private static ModelSizes Complete(ModelSizes sizes) => sizes with
    {
        KvHeads = sizes.KvHeads == 0 ? sizes.Heads : sizes.KvHeads,
        HeadDim = sizes.HeadDim == 0 && sizes.Heads > 0 ? sizes.HiddenSize / sizes.Heads : sizes.HeadDim,
        IntermediateSize = sizes.IntermediateSize == 0 && sizes.HiddenSize is > 0 and < int.MaxValue / 4 ? 4 * sizes.HiddenSize : sizes.IntermediateSize,
    };
}
