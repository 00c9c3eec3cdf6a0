namespace Transformer.Core.Sampling;

/// <summary>
/// Excludes every token that would complete a sequence of n tokens which occurs in the text already, the prompt included
/// (Paulus et al. 2017, arXiv:1705.04304; transformers' no_repeat_ngram_size).
/// </summary>
public sealed class NoRepeatNgram : ILogitsProcessor
{
    private readonly int _size;

    /// <summary>Excludes repeated sequences.</summary>
    /// <param name="size">Their length n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is less than 1.</exception>
    public NoRepeatNgram(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _size = size;
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        int known = _size - 1;
        if (tokenIds.Length < _size)
            return;
        ReadOnlySpan<int> end = tokenIds[^known..];
        for (int start = 0; start + known < tokenIds.Length; start++)
            if (tokenIds.Slice(start, known).SequenceEqual(end) && (uint)tokenIds[start + known] < (uint)logits.Length)
                logits[tokenIds[start + known]] = float.NegativeInfinity;
    }
}
