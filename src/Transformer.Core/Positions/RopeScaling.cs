namespace Transformer.Core.Positions;

/// <summary>
/// How the frequencies of rotary positions are stretched so that a model reads further than it was trained.
/// Each kind is one short method from the plain frequencies to the stretched ones.
/// </summary>
public abstract record RopeScaling
{
    private protected RopeScaling()
    {
    }

    /// <summary>Factor on cosine and sine, so on the scores squared (YaRN); 1 for the other kinds.</summary>
    public virtual double Magnitude => 1;

    /// <summary>The frequencies in radians a token, fastest first, for a head of twice as many rotated features.</summary>
    internal abstract double[] Frequencies(int rotaryDim, double theta);

    /// <summary>The plain frequencies: theta^(-2i/d) (Su et al. 2021, arXiv:2104.09864).</summary>
    internal static double[] Plain(int rotaryDim, double theta)
    {
        double[] frequencies = new double[rotaryDim / 2];
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = Math.Pow(theta, -2.0 * i / rotaryDim);
        return frequencies;
    }

    /// <summary>Position interpolation: every frequency divided by the factor (Chen et al. 2023, arXiv:2306.15595).</summary>
    /// <param name="Factor">How many times further than trained.</param>
    public sealed record Linear(double Factor) : RopeScaling
    {
        internal override double[] Frequencies(int rotaryDim, double theta) => [.. Plain(rotaryDim, theta).Select(f => f / Factor)];
    }

    /// <summary>NTK-aware: a larger base, so that the slowest frequency is divided by the factor and the fastest stays.</summary>
    /// <param name="Factor">How many times further than trained.</param>
    public sealed record Ntk(double Factor) : RopeScaling
    {
        internal override double[] Frequencies(int rotaryDim, double theta) =>
            Plain(rotaryDim, theta * Math.Pow(Factor, rotaryDim / (double)Math.Max(rotaryDim - 2, 1)));
    }

    /// <summary>
    /// YaRN (Peng et al. 2023, arXiv:2309.00071): frequencies that turn often within the trained context stay, slow
    /// ones are interpolated, those between are blended; scores are sharpened by the attention factor.
    /// </summary>
    /// <param name="Factor">How many times further than trained.</param>
    /// <param name="OriginalContextLength">Context length of the training, in tokens.</param>
    /// <param name="BetaFast">Turns within the trained context above which a frequency stays.</param>
    /// <param name="BetaSlow">Turns below which it is interpolated.</param>
    /// <param name="AttentionFactor">Factor on cosine and sine; null: 0.1·ln(Factor) + 1.</param>
    /// <param name="Truncate">Whether the bounds between the three kinds of frequencies are whole numbers of pairs, as in the paper's code; gpt-oss keeps fractions.</param>
    public sealed record Yarn(
        double Factor, int OriginalContextLength, double BetaFast = 32, double BetaSlow = 1, double? AttentionFactor = null, bool Truncate = true) : RopeScaling
    {
        /// <inheritdoc/>
        public override double Magnitude => AttentionFactor ?? Sharpening(Factor);

        /// <summary>0.1·weight·ln(factor) + 1: how much larger scores become by the paper's rule, and 1 where nothing is stretched.</summary>
        internal static double Sharpening(double factor, double weight = 1) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

        internal override double[] Frequencies(int rotaryDim, double theta)
        {
            double[] frequencies = Plain(rotaryDim, theta);
            double first = IndexOfTurns(BetaFast);
            double last = IndexOfTurns(BetaSlow);
            double low = Math.Max(Truncate ? Math.Floor(first) : first, 0);
            double high = Math.Min(Truncate ? Math.Ceiling(last) : last, rotaryDim - 1);
            if (low == high)
                high += 0.001;
            for (int i = 0; i < frequencies.Length; i++)
            {
                double interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
                frequencies[i] *= 1 - interpolated + (interpolated / Factor);
            }
            return frequencies;

            double IndexOfTurns(double turns) =>
                rotaryDim * Math.Log(OriginalContextLength / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
        }
    }

    /// <summary>
    /// Llama 3.1's rule: wavelengths below a bound stay, those above another are multiplied by the factor, those
    /// between are blended.
    /// </summary>
    /// <param name="Factor">How many times further than trained.</param>
    /// <param name="LowFrequencyFactor">The trained context holds this many waves at the bound of slow frequencies.</param>
    /// <param name="HighFrequencyFactor">The trained context holds this many waves at the bound of fast frequencies.</param>
    /// <param name="OriginalContextLength">Context length of the training, in tokens.</param>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContextLength) : RopeScaling
    {
        internal override double[] Frequencies(int rotaryDim, double theta)
        {
            double[] frequencies = Plain(rotaryDim, theta);
            for (int i = 0; i < frequencies.Length; i++)
            {
                double waves = OriginalContextLength * frequencies[i] / (2 * Math.PI);
                double kept = Math.Clamp((waves - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
                frequencies[i] *= kept + ((1 - kept) / Factor);
            }
            return frequencies;
        }
    }

    /// <summary>
    /// Divisors given one by one: as GGUF files carry Llama 3's (<c>rope_freqs.weight</c>), or found by a search as
    /// LongRoPE's (Ding et al. 2024, arXiv:2402.13753), whose scores are sharpened, too.
    /// </summary>
    /// <param name="Divisors">One for each pair of rotated features.</param>
    /// <param name="AttentionFactor">Factor on cosine and sine.</param>
    public sealed record PerFrequency(IReadOnlyList<float> Divisors, double AttentionFactor = 1) : RopeScaling
    {
        /// <inheritdoc/>
        public override double Magnitude => AttentionFactor;

        internal override double[] Frequencies(int rotaryDim, double theta)
        {
            double[] frequencies = Plain(rotaryDim, theta);
            if (Divisors.Count != frequencies.Length)
                throw new ArgumentException($"Expected {frequencies.Length} divisors, found {Divisors.Count}.");
            for (int i = 0; i < frequencies.Length; i++)
            {
                // A divisor of infinity says: do not rotate.
                if (!(Divisors[i] > 0))
                    throw new ArgumentException($"Divisor {i}: expected a number above 0, found {Divisors[i]}.");
                frequencies[i] /= Divisors[i];
            }
            return frequencies;
        }
    }
}
