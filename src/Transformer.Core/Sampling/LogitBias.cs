namespace Transformer.Core.Sampling;

/// <summary>Adds a number to the logits of some tokens; −∞ bans one (OpenAI's and llama.cpp's logit_bias).</summary>
public sealed class LogitBias : ILogitsProcessor
{
    private readonly (int Id, float Bias)[] _biases;

    /// <summary>Biases by token id.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative, or a bias neither finite nor −∞.</exception>
    public LogitBias(IReadOnlyDictionary<int, double> biases)
    {
        foreach ((int id, double bias) in biases)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(biases));
            if (!double.IsNegativeInfinity(bias))
                SamplingValue.AtLeast(double.MinValue, bias, nameof(LogitBias), nameof(biases));
        }
        _biases = [.. biases.Select(pair => (pair.Key, (float)pair.Value))];
    }

    /// <inheritdoc/>
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        foreach ((int id, float bias) in _biases)
            if (id < logits.Length)
                logits[id] += bias;
    }
}
