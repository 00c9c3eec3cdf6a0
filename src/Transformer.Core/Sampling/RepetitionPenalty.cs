namespace Transformer.Core.Sampling;

/// <summary>
/// Makes tokens that stand among the last ones less likely: positive logits are divided by the penalty, negative
/// ones multiplied, once for each token however often it occurred (Keskar et al. 2019, arXiv:1909.05858).
/// </summary>
public sealed class RepetitionPenalty : ILogitsProcessor
{
    private readonly float _penalty;
    private readonly int _window;
    private readonly HashSet<int> _seen = [];

    /// <summary>A penalty.</summary>
    /// <param name="penalty">Above 1 discourages, 1 does nothing, below 1 encourages.</param>
    /// <param name="window">How many of the last tokens count.</param>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not a finite number above 0, or the window is negative.</exception>
    public RepetitionPenalty(double penalty, int window = 64)
    {
        if (!(penalty > 0) || !double.IsFinite(penalty))
            throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "RepetitionPenalty: expected a finite number above 0.");
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        _penalty = (float)penalty;
        _window = window;
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        _seen.Clear();
        foreach (int id in tokenIds[Math.Max(0, tokenIds.Length - _window)..])
        {
            if (!_seen.Add(id) || (uint)id >= (uint)logits.Length)
                continue;
            logits[id] = logits[id] > 0 ? logits[id] / _penalty : logits[id] * _penalty;
        }
    }
}
