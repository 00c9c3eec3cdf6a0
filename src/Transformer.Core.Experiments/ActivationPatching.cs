namespace Transformer.Core.Experiments;

/// <summary>
/// Where a difference between two prompts is decided: one activation of the second run at a time is written into the
/// first, and the answer is watched (causal tracing, Meng et al. 2022, arXiv:2202.05262).
/// </summary>
public sealed class ActivationPatching
{
    private readonly double[,] _differences;

    private ActivationPatching(double first, double second, double[,] differences)
    {
        First = first;
        Second = second;
        _differences = differences;
    }

    /// <summary>logit(answer) − logit(other) after the last token of the first prompt.</summary>
    public double First { get; }

    /// <summary>The same after the second prompt.</summary>
    public double Second { get; }

    /// <summary>The same after the first prompt with the second's activation at one layer and token.</summary>
    public double Patched(int layer, int token) => _differences[layer, token];

    /// <summary>How much of the way from the first run's answer to the second's one activation goes: 0 none, 1 all.</summary>
    public double Share(int layer, int token) => (Patched(layer, token) - First) / (Second - First);

    /// <summary>Patches one point at every layer and token.</summary>
    /// <param name="model">The model.</param>
    /// <param name="first">[n] the prompt that is run again and again.</param>
    /// <param name="second">[n] the prompt whose activations are written into it; at most 256 tokens.</param>
    /// <param name="answer">The token that is watched.</param>
    /// <param name="other">The token it is compared with.</param>
    /// <param name="point">The point, with a row for each token: <see cref="ActivationPoints.ResidualBefore"/>, <see cref="ActivationPoints.AttentionOut"/>, ...</param>
    /// <param name="progress">Told the share done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The prompts differ in length, or the point has no row for each token.</exception>
    public static ActivationPatching Between(
        TransformerModel model,
        ReadOnlySpan<int> first,
        ReadOnlySpan<int> second,
        int answer,
        int other,
        string point = ActivationPoints.ResidualBefore,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        if (first.Length != second.Length)
            throw new ArgumentException($"Expected prompts of one length, found {first.Length} and {second.Length} tokens.", nameof(second));
        ModelRun.RequireOnePass(first);
        ActivationCapture capture = new("layers.*." + point);
        double begin = Difference(model, first, null), end = Difference(model, second, capture);
        double[,] differences = new double[model.Layers.Count, first.Length];
        for (int layer = 0; layer < model.Layers.Count; layer++)
        {
            CapturedActivation activation = capture[$"layers.{layer}.{point}"];
            if (activation.Rows != first.Length)
                throw new ArgumentException($"{activation.Name}: expected a row for each of {first.Length} tokens, found {activation.Rows} rows.", nameof(point));
            for (int token = 0; token < first.Length; token++)
            {
                differences[layer, token] = Difference(model, first, Intervention.Patch(activation, token));
                cancellationToken.ThrowIfCancellationRequested();
            }
            progress?.Report((layer + 1.0) / model.Layers.Count);
        }
        return new ActivationPatching(begin, end, differences);

        double Difference(TransformerModel model, ReadOnlySpan<int> tokens, IActivationObserver? observer)
        {
            using DecoderSession session = model.CreateSession(tokens.Length);
            session.Observer = observer;
            ReadOnlySpan<float> logits = session.Forward(tokens, cancellationToken);
            return logits[answer] - (double)logits[other];
        }
    }
}
