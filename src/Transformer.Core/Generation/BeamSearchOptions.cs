using Transformer.Core.Generation;
using Transformer.Core.Sampling;

namespace Transformer.Core;

/// <summary>When a beam search ends, once it has as many finished texts as beams (transformers' early_stopping).</summary>
public enum BeamStopping
{
    /// <summary>When the best open beam, ended now, would not beat the worst finished text (early_stopping=False).</summary>
    Heuristic,

    /// <summary>At once (early_stopping=True).</summary>
    Early,

    /// <summary>When no open beam can beat the worst finished text any more (early_stopping="never").</summary>
    Never,
}

/// <summary>How a beam search runs. The score of a text is Σ ln p / length^<see cref="LengthPenalty"/>, as in transformers.</summary>
public sealed record BeamSearchOptions
{
    /// <summary>Texts followed at the same time, at least 1.</summary>
    public int Beams { get; init; } = 4;

    /// <summary>How many completions are wanted, at most <see cref="Beams"/>.</summary>
    public int ResultCount { get; init; } = 1;

    /// <summary>Above 0 favours longer texts, below 0 shorter ones; 0: the score is the sum alone.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>When the search ends.</summary>
    public BeamStopping Stopping { get; init; }

    /// <summary>Most tokens of a completion, at least 1.</summary>
    public int MaxTokens { get; init; } = 64;

    /// <summary>Tokens that end a text; null: as for <see cref="GenerationOptions.EndTokenIds"/>.</summary>
    public IReadOnlyList<int>? EndTokenIds { get; init; }

    /// <summary>Whether the beginning token comes before the prompt; null: as the model was trained.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether a prompt that spells a special token means that token.</summary>
    public bool ParseSpecialTokens { get; init; }

    /// <summary>Steps that change the log-probabilities of each beam's next tokens, such as <see cref="NoRepeatNgram"/>; made once for a search.</summary>
    public IReadOnlyList<Func<ILogitsProcessor>> LogitsProcessors { get; init; } = [];

    internal void Validate()
    {
        Check(Beams >= 1, nameof(Beams), Beams, "at least 1");
        Check(ResultCount >= 1 && ResultCount <= Beams, nameof(ResultCount), ResultCount, $"1 to {Beams} (Beams)");
        Check(double.IsFinite(LengthPenalty), nameof(LengthPenalty), LengthPenalty, "a finite number");
        Check(Enum.IsDefined(Stopping), nameof(Stopping), Stopping, "Heuristic, Early or Never");
        Check(MaxTokens >= 1, nameof(MaxTokens), MaxTokens, "at least 1");
    }

    private static void Check(bool holds, string name, object value, string expected) => GenerationOptionsCheck.Check(holds, name, value, expected);
}

/// <summary>A completion that a beam search found.</summary>
/// <param name="Text">The text generated.</param>
/// <param name="TokenIds">Its tokens, an end token included.</param>
/// <param name="Logprob">Σ ln p over its tokens.</param>
/// <param name="Score">What it is ranked by.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record BeamHypothesis(string Text, IReadOnlyList<int> TokenIds, double Logprob, double Score, FinishReason FinishReason);
