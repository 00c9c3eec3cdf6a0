using Transformer.Core.Numerics;

namespace Transformer.Core.Experiments;

/// <summary>Who looks at whom: the attention pattern of every layer and head over a text.</summary>
public sealed class AttentionMaps
{
    private readonly CapturedActivation?[] _patterns;

    private AttentionMaps(IReadOnlyList<int> tokens, CapturedActivation?[] patterns)
    {
        Tokens = tokens;
        _patterns = patterns;
    }

    /// <summary>The tokens that were read.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>Number of layers.</summary>
    public int Layers => _patterns.Length;

    /// <summary>Heads of a layer; 0 where the layer's attention shows no pattern.</summary>
    public int Heads(int layer) => _patterns[layer]?.Heads ?? 0;

    /// <summary>[queries, keys] of a head; each row sums to 1 (less with a sink), keys after the query are 0.</summary>
    /// <exception cref="InvalidOperationException">The layer's attention shows no pattern.</exception>
    public MatrixSpan Pattern(int layer, int head) =>
        (_patterns[layer] ?? throw new InvalidOperationException($"The attention of layer {layer} shows no pattern.")).Head(head);

    /// <summary>Maps a text.</summary>
    public static AttentionMaps Of(TransformerModel model, ReadOnlySpan<int> tokens, IActivationObserver? observer = null, CancellationToken cancellationToken = default)
    {
        ActivationCapture capture = new("layers.*." + ActivationPoints.Pattern);
        ModelRun.Logits(model, tokens, observer is null ? capture : Intervention.All(observer, capture), cancellationToken);
        HashSet<int> seen = [.. capture.Activations.Select(activation => activation.Layer)];
        return new AttentionMaps([.. tokens], [.. Enumerable.Range(0, model.Layers.Count).Select(layer => seen.Contains(layer) ? capture[$"layers.{layer}.{ActivationPoints.Pattern}"] : null)]);
    }
}
