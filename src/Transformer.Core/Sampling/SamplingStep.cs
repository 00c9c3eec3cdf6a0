namespace Transformer.Core.Sampling;

/// <summary>The steps between logits and the choice of a token whose order can be chosen; llama.cpp's names for them in brackets.</summary>
public enum SamplingStep
{
    /// <summary>Repetition, frequency and presence penalty (penalties).</summary>
    Penalties,

    /// <summary><see cref="Sampling.NoRepeatNgram"/> (not in llama.cpp).</summary>
    NoRepeatNgram,

    /// <summary><see cref="Sampling.Dry"/> (dry).</summary>
    Dry,

    /// <summary><see cref="Sampling.TopNSigma"/> (top_n_sigma).</summary>
    TopNSigma,

    /// <summary><see cref="Sampling.TopK"/> (top_k).</summary>
    TopK,

    /// <summary><see cref="Sampling.Typical"/> (typ_p).</summary>
    Typical,

    /// <summary><see cref="Sampling.TopP"/> (top_p).</summary>
    TopP,

    /// <summary><see cref="Sampling.MinP"/> (min_p).</summary>
    MinP,

    /// <summary><see cref="Sampling.Xtc"/> (xtc).</summary>
    Xtc,

    /// <summary><see cref="Sampling.Temperature"/> or <see cref="Sampling.DynamicTemperature"/> (temperature).</summary>
    Temperature,
}
