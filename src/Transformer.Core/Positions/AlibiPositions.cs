namespace Transformer.Core.Positions;

/// <summary>
/// Lowers a score in proportion to the distance between query and key, each head with a slope of its own
/// (Press et al. 2021, arXiv:2108.12409). No weights, no largest position.
/// </summary>
public sealed class AlibiPositions : IPositionalEncoder
{
    private readonly float[] _slopes;

    /// <summary>Slopes for <paramref name="heads"/> query heads.</summary>
    public AlibiPositions(int heads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        _slopes = Slopes(heads);
    }

    /// <inheritdoc/>
    public void BiasScores(int head, int queryPosition, int firstKey, Span<float> scores)
    {
        float slope = _slopes[head];
        for (int i = 0; i < scores.Length; i++)
            scores[i] -= slope * (queryPosition - firstKey - i);
    }

    /// <summary>
    /// Powers of 2^(-8/n) for the largest power of two n up to the number of heads; the heads left over take every
    /// other slope of the sequence for 2n, as the authors' code does.
    /// </summary>
    private static float[] Slopes(int heads)
    {
        int power = 1;
        while (power * 2 <= heads)
            power *= 2;
        float[] slopes = new float[heads];
        for (int i = 0; i < heads; i++)
            slopes[i] = (float)(i < power ? Math.Pow(2, -8.0 * (i + 1) / power) : Math.Pow(2, -4.0 * ((2 * (i - power)) + 1) / power));
        return slopes;
    }
}
