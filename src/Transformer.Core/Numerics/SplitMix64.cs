namespace Transformer.Core.Numerics;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood 2014): a counter and a mixing function, so any place of the
/// sequence can be computed by itself. The same on every machine. Not for secrets.
/// </summary>
/// <param name="seed">Selects the sequence.</param>
public struct SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>A number that looks random, from <paramref name="counter"/> alone.</summary>
    public static ulong Mix(ulong counter)
    {
        ulong z = counter + Step;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong value = Mix(_state);
        _state += Step;
        return value;
    }

    /// <summary>The next number in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));
}
