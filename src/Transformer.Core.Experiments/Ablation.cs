namespace Transformer.Core.Experiments;

/// <summary>What a part is worth: how much the mean loss on a text grows when the part is silenced.</summary>
public sealed class Ablation
{
    private Ablation(double loss, IReadOnlyList<AblationScore> scores)
    {
        Loss = loss;
        Scores = scores;
    }

    /// <summary>The mean loss with nothing silenced.</summary>
    public double Loss { get; }

    /// <summary>One for each part, in the order of the layers.</summary>
    public IReadOnlyList<AblationScore> Scores { get; }

    /// <summary>Silences every attention head by itself. Layers whose attention shows no heads are passed over.</summary>
    public static Ablation OfHeads(TransformerModel model, ReadOnlySpan<int> tokens, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        HeadCount heads = new(model.Layers.Count);
        double loss = ModelRun.MeanLoss(model, tokens, heads, cancellationToken);
        List<(AblatedPart, int, int?)> parts = [];
        for (int layer = 0; layer < model.Layers.Count; layer++)
            for (int head = 0; head < heads.Counts[layer]; head++)
                parts.Add((AblatedPart.Head, layer, head));
        return Run(model, tokens, loss, parts, progress, cancellationToken);
    }

    /// <summary>Silences every layer's attention, its feed-forward, and the layer as a whole (it is passed by).</summary>
    public static Ablation OfLayers(TransformerModel model, ReadOnlySpan<int> tokens, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        double loss = ModelRun.MeanLoss(model, tokens, null, cancellationToken);
        List<(AblatedPart, int, int?)> parts = [];
        for (int layer = 0; layer < model.Layers.Count; layer++)
            foreach (AblatedPart part in (AblatedPart[])[AblatedPart.Attention, AblatedPart.FeedForward, AblatedPart.Layer])
                parts.Add((part, layer, null));
        return Run(model, tokens, loss, parts, progress, cancellationToken);
    }

    private static Ablation Run(TransformerModel model, ReadOnlySpan<int> tokens, double loss, List<(AblatedPart Part, int Layer, int? Head)> parts, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        List<AblationScore> scores = [];
        foreach ((AblatedPart part, int layer, int? head) in parts)
        {
            IActivationObserver silence = part switch
            {
                AblatedPart.Head => Intervention.ZeroHead(layer, head!.Value),
                AblatedPart.Attention => Intervention.Zero(layer, ActivationPoints.AttentionOut),
                AblatedPart.FeedForward => Intervention.Zero(layer, ActivationPoints.FeedForwardOut),
                _ => new LayerSkip(layer),
            };
            scores.Add(new AblationScore(part, layer, head, ModelRun.MeanLoss(model, tokens, silence, cancellationToken) - loss));
            progress?.Report(scores.Count / (double)parts.Count);
        }
        return new Ablation(loss, scores);
    }

    /// <summary>Counts the heads that attention shows.</summary>
    private sealed class HeadCount(int layers) : IActivationObserver
    {
        public int[] Counts { get; } = new int[layers];

        public bool Wants(int layer, string point) => point == ActivationPoints.Mixed;

        public void Observe(in Activation activation) => Counts[activation.Layer] = activation.Heads;
    }

    /// <summary>Gives the residual stream back as it was before the layer.</summary>
    private sealed class LayerSkip(int layer) : IActivationObserver
    {
        private float[] _before = [];

        public bool Wants(int at, string point) => at == layer && point is ActivationPoints.ResidualBefore or ActivationPoints.ResidualAfter;

        public void Observe(in Activation activation)
        {
            Numerics.MatrixSpan values = activation.Values;
            if (activation.Layer != layer)
                return;
            if (activation.Point == ActivationPoints.ResidualBefore)
            {
                _before = new float[values.Rows * values.Columns];
                values.CopyTo(new Numerics.MatrixSpan(_before, values.Rows, values.Columns));
            }
            else
            {
                new Numerics.MatrixSpan(_before, values.Rows, values.Columns).CopyTo(values);
            }
        }
    }
}

/// <summary>What was silenced.</summary>
public enum AblatedPart
{
    /// <summary>One attention head.</summary>
    Head,

    /// <summary>A layer's attention.</summary>
    Attention,

    /// <summary>A layer's feed-forward.</summary>
    FeedForward,

    /// <summary>The whole layer.</summary>
    Layer,
}

/// <summary>What a part is worth.</summary>
/// <param name="Part">What was silenced.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Head">The head, if it was one.</param>
/// <param name="LossIncrease">By how much the mean loss grew; negative if the text was predicted better without.</param>
public sealed record AblationScore(AblatedPart Part, int Layer, int? Head, double LossIncrease);
