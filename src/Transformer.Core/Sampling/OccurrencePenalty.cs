using System.Runtime.InteropServices;

namespace Transformer.Core.Sampling;

/// <summary>
/// Frequency and presence penalty (OpenAI's API reference; llama.cpp's penalties): takes frequency·count + presence from the
/// logit of each token that occurs among the last ones, the prompt's included.
/// </summary>
public sealed class OccurrencePenalty : ILogitsProcessor
{
    private readonly double _frequency;
    private readonly double _presence;
    private readonly int _window;
    private readonly Dictionary<int, int> _counts = [];

    /// <summary>A penalty.</summary>
    /// <param name="frequency">Taken for each occurrence; below 0 encourages.</param>
    /// <param name="presence">Taken once.</param>
    /// <param name="window">How many of the last tokens count.</param>
    /// <exception cref="ArgumentOutOfRangeException">A penalty is no finite number, or the window is negative.</exception>
    public OccurrencePenalty(double frequency, double presence, int window = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        _frequency = SamplingValue.AtLeast(double.MinValue, frequency, nameof(OccurrencePenalty), nameof(frequency));
        _presence = SamplingValue.AtLeast(double.MinValue, presence, nameof(OccurrencePenalty), nameof(presence));
        _window = window;
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        _counts.Clear();
        foreach (int id in tokenIds[Math.Max(0, tokenIds.Length - _window)..])
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, id, out _)++;
        foreach ((int id, int count) in _counts)
            if ((uint)id < (uint)logits.Length)
                logits[id] = (float)(logits[id] - (_frequency * count) - _presence);
    }
}
