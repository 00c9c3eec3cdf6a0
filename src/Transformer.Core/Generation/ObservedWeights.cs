using Transformer.Core.Weights;

namespace Transformer.Core.Generation;

/// <summary>A source that tells how many of a model's tensors were asked for, and ends a build that was cancelled.</summary>
internal sealed class ObservedWeights : IWeightSource
{
    private readonly IWeightSource _source;
    private readonly IProgress<ModelLoadProgress>? _progress;
    private readonly CancellationToken _cancellationToken;
    private readonly HashSet<string> _awaited;
    private readonly int _totalTensors;
    private readonly long _totalBytes;
    private long _bytes;

    private ObservedWeights(IWeightSource source, ModelDescription plan, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        _source = source;
        _progress = progress;
        _cancellationToken = cancellationToken;
        _awaited = [.. plan.Components.SelectMany(component => component.Tensors).Select(tensor => tensor.Name)];
        _totalTensors = _awaited.Count;
        _totalBytes = plan.WeightBytes;
    }

    public string Origin => _source.Origin;

    public IEnumerable<string> Names => _source.Names;

    /// <summary>Builds a model under observation.</summary>
    /// <exception cref="ModelBuildException">Something does not fit; lists every problem found.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TransformerModel Build(TransformerBuilder builder, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (builder.Weights is not { } weights || (progress is null && !cancellationToken.CanBeCanceled))
            return builder.Build();
        ObservedWeights observed = new(weights, builder.Describe(), progress, cancellationToken);
        try
        {
            TransformerModel model = builder.WithWeights(observed).Build();
            progress?.Report(new ModelLoadProgress(ModelLoadStage.Loaded, observed._totalTensors, observed._totalTensors, observed._totalBytes, observed._totalBytes));
            return model;
        }
        finally
        {
            builder.WithWeights(weights);
        }
    }

    public bool Contains(string name) => _source.Contains(name);

    public Tensor? Find(string name, TensorShape shape)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        Tensor? tensor = _source.Find(name, shape);

        // A changed checkpoint's original is described once more beside the build, and asks for its tensors too.
        if (tensor is not null && _progress is not null && _awaited.Remove(name))
        {
            _bytes += tensor.SizeInBytes;
            _progress.Report(new ModelLoadProgress(ModelLoadStage.Building, _totalTensors - _awaited.Count, _totalTensors, _bytes, _totalBytes));
        }
        return tensor;
    }

    public void Dispose() => _source.Dispose();
}
