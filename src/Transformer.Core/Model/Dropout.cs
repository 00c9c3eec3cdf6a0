using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// Dropout after attention and feed-forward. In inference it is the identity; with a Monte Carlo seed
/// (<see cref="DecoderSession.DropoutSeed"/>) it drops values as in training, to see how sure a model is
/// (Gal and Ghahramani 2015, arXiv:1506.02142).
/// </summary>
/// <param name="rate">Share of the values that are dropped; at least 0 and below 1.</param>
public sealed class Dropout(double rate)
{
    private readonly float _keptScale = (float)(1 / (1 - rate));
    private readonly uint _threshold = (uint)Math.Min(rate * uint.MaxValue, uint.MaxValue);

    /// <summary>Share of the values that are dropped.</summary>
    public double Rate { get; } = rate is >= 0 and < 1
        ? rate
        : throw new ArgumentOutOfRangeException(nameof(rate), rate, "Dropout: expected a rate of at least 0 and below 1.");

    /// <summary>Drops values in place, if the pass has a seed. Which ones depends only on seed, layer, site, position and feature.</summary>
    /// <param name="values">[n, hidden].</param>
    /// <param name="site">Tells the dropouts of one layer apart.</param>
    /// <param name="context">Seed, layer and positions.</param>
    public void Apply(MatrixSpan values, int site, in ForwardContext context)
    {
        if (context.DropoutSeed is not { } seed || Rate == 0)
            return;
        for (int row = 0; row < values.Rows; row++)
        {
            Span<float> vector = values[row];
            ulong stream = SplitMix64.Mix(seed ^ SplitMix64.Mix(((ulong)(uint)context.Layer << 40) ^ ((ulong)(uint)site << 32) ^ (uint)context.Positions[row]));
            for (int i = 0; i < vector.Length; i++)
                vector[i] = (uint)(SplitMix64.Mix(stream + (ulong)i) >> 32) < _threshold ? 0 : vector[i] * _keptScale;
        }
    }
}
