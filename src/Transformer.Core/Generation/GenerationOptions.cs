using Transformer.Core.Sampling;

namespace Transformer.Core;

/// <summary>How a text is completed. The default is greedy: always the most probable token.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate, at least 0. Default: 256.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>0 (the default) chooses the most probable token; above 0 chooses at random, the flatter the higher.</summary>
    public double Temperature { get; init; }

    /// <summary>Keeps the k most probable tokens; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest tokens that together have this probability; 1: all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keeps tokens at least this many times as probable as the most probable one; 0: all.</summary>
    public double MinP { get; init; }

    /// <summary>Makes recent tokens less likely; 1: no change.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens count as recent.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>Makes random choices repeatable; null: different each time.</summary>
    public int? Seed { get; init; }

    /// <summary>Strings that end the text; they are not part of it and may span tokens.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>
    /// Tokens that end the text; null: the tokenizer's end tokens and its beginning token, which some models emit
    /// when one text is over and another would begin. An end token counts as generated but has no text.
    /// </summary>
    public IReadOnlyList<int>? EndTokenIds { get; init; }

    /// <summary>Goes on after an end token.</summary>
    public bool IgnoreEndTokens { get; init; }

    /// <summary>Whether the beginning token comes before the prompt; null: as the model was trained.</summary>
    public bool? AddBos { get; init; }

    /// <summary>Whether a prompt that spells a special token means that token. Off: user text is only text.</summary>
    public bool ParseSpecialTokens { get; init; }

    /// <summary>Steps of one's own, made for each generation and applied before all others.</summary>
    public IReadOnlyList<Func<ILogitsProcessor>> LogitsProcessors { get; init; } = [];

    /// <summary>A choice of one's own, made for each generation; null: greedy or random by <see cref="Temperature"/>.</summary>
    public Func<ISampler>? Sampler { get; init; }

    /// <summary>The steps before the choice: own steps, repetition penalty, top-k, top-p, min-p, temperature.</summary>
    internal List<ILogitsProcessor> CreateProcessors()
    {
        List<ILogitsProcessor> steps = [.. LogitsProcessors.Select(create => create())];
        if (RepetitionPenalty != 1)
            steps.Add(new RepetitionPenalty(RepetitionPenalty, RepetitionWindow));
        if (TopK > 0)
            steps.Add(new TopK(TopK));
        if (TopP < 1)
            steps.Add(new TopP(TopP));
        if (MinP > 0)
            steps.Add(new MinP(MinP));
        if (Temperature > 0)
            steps.Add(new Temperature(Temperature));
        return steps;
    }

    internal ISampler CreateSampler() =>
        Sampler?.Invoke()
        ?? (Temperature == 0 ? new GreedySampler() : new RandomSampler(Seed is { } seed ? (ulong)(uint)seed : (ulong)Random.Shared.NextInt64()));

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option has a value that cannot be; the message names it.</exception>
    internal void Validate()
    {
        Check(MaxTokens >= 0, nameof(MaxTokens), MaxTokens, "at least 0");
        Check(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), Temperature, "a finite number of at least 0");
        Check(TopK >= 0, nameof(TopK), TopK, "at least 0");
        Check(TopP is > 0 and <= 1, nameof(TopP), TopP, "above 0 and at most 1");
        Check(MinP is >= 0 and <= 1, nameof(MinP), MinP, "0 to 1");
        Check(RepetitionPenalty > 0 && double.IsFinite(RepetitionPenalty), nameof(RepetitionPenalty), RepetitionPenalty, "a finite number above 0");
        Check(RepetitionWindow >= 0, nameof(RepetitionWindow), RepetitionWindow, "at least 0");
        if (StopStrings.Any(string.IsNullOrEmpty))
            throw new ArgumentException("StopStrings: expected non-empty strings, found an empty one.", nameof(StopStrings));
    }

    private static void Check(bool holds, string name, object value, string expected)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name}: expected {expected}, found {value}.");
    }
}
