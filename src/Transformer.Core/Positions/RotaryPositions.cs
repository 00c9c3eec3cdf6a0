using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Positions;

/// <summary>
/// Rotates pairs of features of queries and keys by an angle proportional to the position, so that scores depend
/// on distances (Su et al. 2021, arXiv:2104.09864). No weights.
/// </summary>
public sealed class RotaryPositions : IPositionalEncoder
{
    private readonly RotaryAngles _angles;
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
        _angles = new RotaryAngles(scaling?.Frequencies(rotaryDim, theta) ?? RopeScaling.Plain(rotaryDim, theta), scaling?.Magnitude ?? 1);
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
        int pairs = _angles.Count, start = -1;
        Span<double> startCosines = stackalloc double[pairs], startSines = stackalloc double[pairs];
        Span<float> cosines = stackalloc float[pairs], sines = stackalloc float[pairs];
        for (int row = 0; row < positions.Length; row++)
        {
            if (RotaryAngles.Start(positions[row]) is var own && own != start)
            {
                start = own;
                _angles.ComputeStart(start, startCosines, startSines);
            }
            _angles.Compute(positions[row], startCosines, startSines, cosines, sines);
            Span<float> heads = vectors[row];
            for (int head = 0; head < heads.Length; head += headDim)
                Rope.Rotate(heads.Slice(head, headDim), cosines, sines, _pairing);
        }
    }
}
