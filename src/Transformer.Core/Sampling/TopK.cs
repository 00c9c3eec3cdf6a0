namespace Transformer.Core.Sampling;

/// <summary>Keeps the k largest logits (Fan et al. 2018, arXiv:1805.04833). Of equal ones at the border, those of smaller ids stay.</summary>
public sealed class TopK : ILogitsProcessor
{
    private readonly PriorityQueue<int, (float Logit, int Order)> _kept;
    private readonly int _k;

    /// <summary>Keeps <paramref name="k"/> logits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is less than 1.</exception>
    public TopK(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        _k = k;
        _kept = new PriorityQueue<int, (float, int)>(Math.Min(k, 1 << 16) + 1);
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        if (_k >= logits.Length)
            return;
        _kept.Clear();
        for (int i = 0; i < logits.Length; i++)
        {
            if (_kept.Count < _k)
                _kept.Enqueue(i, (logits[i], -i));
            else if (_kept.TryPeek(out _, out (float Logit, int) smallest) && logits[i] > smallest.Logit)
                _kept.DequeueEnqueue(i, (logits[i], -i));
        }

        // The heap's smallest pair is the border: larger logits stay, equal ones up to that id.
        _kept.TryPeek(out int borderId, out (float Logit, int) border);
        for (int i = 0; i < logits.Length; i++)
            if (logits[i] < border.Logit || (logits[i] == border.Logit && i > borderId) || float.IsNaN(logits[i]))
                logits[i] = float.NegativeInfinity;
    }
}
