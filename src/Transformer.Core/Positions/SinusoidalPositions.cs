using Transformer.Core.Numerics;

namespace Transformer.Core.Positions;

/// <summary>
/// Adds sine and cosine waves of falling frequency to the embeddings; no weights (Vaswani et al. 2017,
/// arXiv:1706.03762, 3.5): PE[p, 2i] = sin(p / 10000^(2i/d)), PE[p, 2i+1] = cos(p / 10000^(2i/d)).
/// </summary>
public sealed class SinusoidalPositions : IPositionalEncoder
{
    private readonly double[] _frequencies;

    /// <summary>Waves for vectors of <paramref name="hiddenSize"/> features.</summary>
    public SinusoidalPositions(int hiddenSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hiddenSize, 1);
        _frequencies = new double[(hiddenSize + 1) / 2];
        for (int i = 0; i < _frequencies.Length; i++)
            _frequencies[i] = Math.Pow(10000, -2.0 * i / hiddenSize);
    }

    /// <summary>False: positions enter elsewhere.</summary>
    public bool BiasesScores => false;

    /// <inheritdoc/>
    public void AddToEmbeddings(ReadOnlySpan<int> positions, MatrixSpan hidden)
    {
        for (int row = 0; row < positions.Length; row++)
        {
            Span<float> vector = hidden[row];
            for (int i = 0; i < _frequencies.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos(positions[row] * _frequencies[i]);
                vector[2 * i] += (float)sine;
                if ((2 * i) + 1 < vector.Length)
                    vector[(2 * i) + 1] += (float)cosine;
            }
        }
    }
}
