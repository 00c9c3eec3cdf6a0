namespace Transformer.Core.Sampling;

/// <summary>
/// DRY, "don't repeat yourself" (p-e-w 2024, oobabooga/text-generation-webui#5677; as in llama.cpp): a token that would prolong a
/// repetition of the last n tokens loses multiplier·base^(n − allowed length), once n reaches the allowed length. No
/// repetition reaches over a sequence breaker.
/// </summary>
public sealed class Dry : ILogitsProcessor
{
    // Greater powers would pass the largest float.
    private const double LargestLogarithm = 88.7228391;

    private readonly double _multiplier;
    private readonly double _base;
    private readonly int _allowedLength;
    private readonly int _window;
    private readonly Dictionary<int, List<int[]>> _breakers = []; // by their first token, the others
    private readonly Dictionary<int, int> _longest = [];
    private int[] _repeats = [];

    /// <summary>A penalty on repeated sequences.</summary>
    /// <param name="multiplier">Its strength, at least 0.</param>
    /// <param name="base">How fast it grows, at least 1.</param>
    /// <param name="allowedLength">Longest repetition without a penalty is one shorter; at least 0.</param>
    /// <param name="window">How many of the last tokens count; null: all.</param>
    /// <param name="breakers">Sequence breakers, as tokens; null: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">A breaker is empty.</exception>
    public Dry(double multiplier, double @base = 1.75, int allowedLength = 2, int? window = null, IEnumerable<IReadOnlyList<int>>? breakers = null)
    {
        _multiplier = SamplingValue.AtLeast(0, multiplier, nameof(Dry), nameof(multiplier));
        _base = SamplingValue.AtLeast(1, @base, nameof(Dry), nameof(@base));
        ArgumentOutOfRangeException.ThrowIfNegative(allowedLength);
        ArgumentOutOfRangeException.ThrowIfNegative(window ?? 0, nameof(window));
        _allowedLength = allowedLength;
        _window = window ?? int.MaxValue;
        foreach (IReadOnlyList<int> breaker in breakers ?? [])
        {
            if (breaker.Count == 0)
                throw new ArgumentException("Dry: expected sequence breakers of at least one token, found an empty one.", nameof(breakers));
            if (!_breakers.TryGetValue(breaker[0], out List<int[]>? tails))
                _breakers[breaker[0]] = tails = [];
            tails.Add([.. breaker.Skip(1)]);
        }
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        ReadOnlySpan<int> last = tokenIds[Math.Max(0, tokenIds.Length - _window)..];
        if (_multiplier == 0 || last.Length <= _allowedLength)
            return;
        int limit = Unbroken(last);
        if (limit < _allowedLength)
            return;

        CountRepeats(last, limit);
        _longest.Clear();
        for (int back = 1; back < last.Length; back++)
        {
            // The tokens up to here are those at the end once more: the next one would prolong the repetition.
            int next = last[last.Length - back];
            if (_repeats[back] >= _allowedLength && _repeats[back] > _longest.GetValueOrDefault(next, -1))
                _longest[next] = _repeats[back];
        }
        int most = _base > 1.000001 ? (int)(LargestLogarithm / Math.Log(_base)) : 0;
        foreach ((int id, int length) in _longest)
        {
            if ((uint)id >= (uint)logits.Length || (_breakers.TryGetValue(id, out List<int[]>? tails) && tails.Exists(tail => tail.Length == 0)))
                continue;
            int exponent = most > 0 ? Math.Min(length - _allowedLength, most) : length - _allowedLength;
            logits[id] -= (float)(_multiplier * Math.Pow(_base, exponent));
        }
    }

    /// <summary>How many tokens stand behind the last sequence breaker.</summary>
    private int Unbroken(ReadOnlySpan<int> last)
    {
        for (int back = 0; back < last.Length && _breakers.Count > 0; back++)
        {
            int head = last.Length - 1 - back;
            if (!_breakers.TryGetValue(last[head], out List<int[]>? tails))
                continue;
            int longest = -1;
            foreach (int[] tail in tails)
                if (tail.Length > longest && tail.Length <= back && last.Slice(head + 1, tail.Length).SequenceEqual(tail))
                    longest = tail.Length;
            if (longest >= 0)
                return back - longest;
        }
        return last.Length;
    }

    /// <summary>
    /// For each place so many tokens before the end, how many tokens up to there are those at the end: the Z function
    /// (Gusfield 1997) of the reversed sequence, in linear time; at most <paramref name="limit"/>.
    /// </summary>
    private void CountRepeats(ReadOnlySpan<int> last, int limit)
    {
        int length = last.Length;
        if (_repeats.Length < length)
            _repeats = new int[Math.Max(length, 2 * _repeats.Length)];
        int left = 0, right = 0; // the repetition found that reaches furthest back: [left, right)
        for (int back = 1; back < length; back++)
        {
            int count = back < right ? Math.Min(right - back, _repeats[back - left]) : 0;
            while (back + count < length && last[length - 1 - count] == last[length - 1 - back - count])
                count++;
            if (back + count > right)
                (left, right) = (back, back + count);
            _repeats[back] = count;
        }
        for (int back = 1; back < length; back++)
            _repeats[back] = Math.Min(_repeats[back], limit);
    }
}
