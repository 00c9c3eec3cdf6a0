using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Positions;

/// <summary>
/// Rotates pairs of features of queries and keys by an angle proportional to the position, so that scores depend
/// on distances (Su et al. 2021, arXiv:2104.09864). No weights.
/// </summary>
public sealed class RotaryPositions : IPositionalEncoder
{
    private readonly double[] _frequencies;
    private readonly float _magnitude;
    private readonly RopePairing _pairing;

    /// <summary>Rotary positions.</summary>
    /// <param name="rotaryDim">Features of a head that are rotated: all of them, or the first ones only; even.</param>
    /// <param name="theta">Base of the frequencies (RopeTheta).</param>
    /// <param name="pairing">Which features form a pair: a fact of the checkpoint.</param>
    /// <param name="scaling">How the frequencies are stretched; null: not at all.</param>
    public RotaryPositions(int rotaryDim, double theta = 10000, RopePairing pairing = RopePairing.HalfSplit, RopeScaling? scaling = null)
    {
        if (rotaryDim < 2 || rotaryDim % 2 != 0)
            throw new ArgumentException($"RotaryDim: expected an even number of at least 2, found {rotaryDim}.", nameof(rotaryDim));
        if (!(theta > 1) || double.IsInfinity(theta))
            throw new ArgumentException($"RopeTheta: expected a number above 1, found {theta}.", nameof(theta));
        _pairing = pairing;
        _magnitude = (float)(scaling?.Magnitude ?? 1);
        _frequencies = scaling?.Frequencies(rotaryDim, theta) ?? RopeScaling.Plain(rotaryDim, theta);
        RotaryDim = rotaryDim;
    }

    /// <summary>Features of a head that are rotated.</summary>
    public int RotaryDim { get; }

    /// <summary>False: positions enter elsewhere.</summary>
    public bool BiasesScores => false;

    /// <inheritdoc/>
    public void Rotate(ReadOnlySpan<int> positions, MatrixSpan vectors, int headDim)
    {
        if (headDim < RotaryDim || vectors.Columns % headDim != 0)
            throw new ArgumentException($"Vectors of {vectors.Columns} features are not heads of {headDim} of which {RotaryDim} are rotated.");
        Span<float> cosines = stackalloc float[_frequencies.Length];
        Span<float> sines = stackalloc float[_frequencies.Length];
        for (int row = 0; row < positions.Length; row++)
        {
            // The angle in double: a float has no digits left for it at position 100,000.
            for (int i = 0; i < _frequencies.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos(positions[row] * _frequencies[i]);
                cosines[i] = (float)cosine * _magnitude;
                sines[i] = (float)sine * _magnitude;
            }
            Span<float> heads = vectors[row];
            for (int start = 0; start < heads.Length; start += headDim)
                Rope.Rotate(heads.Slice(start, headDim), cosines, sines, _pairing);
        }
    }
}
