namespace Transformer.Core;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>The model generated an end token.</summary>
    EndToken,

    /// <summary>A stop string came.</summary>
    StopString,

    /// <summary><see cref="GenerationOptions.MaxTokens"/> tokens were generated.</summary>
    MaxTokens,

    /// <summary>The session's context is full, and <see cref="GenerationOptions.ShiftContext"/> is off.</summary>
    ContextFull,
}

/// <summary>A completed text.</summary>
/// <param name="Text">The text generated, without the prompt and without a stop string.</param>
/// <param name="PromptTokenIds">The prompt's tokens.</param>
/// <param name="TokenIds">The tokens generated, an end token included.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="StopString">The stop string that ended it, or null.</param>
/// <param name="PrefillTime">Time spent on the prompt.</param>
/// <param name="DecodeTime">Time spent on the tokens after the first, which the prefill already gave.</param>
public sealed record GenerationResult(
    string Text,
    IReadOnlyList<int> PromptTokenIds,
    IReadOnlyList<int> TokenIds,
    FinishReason FinishReason,
    string? StopString,
    TimeSpan PrefillTime,
    TimeSpan DecodeTime)
{
    /// <summary>Prompt tokens that the session held already, so that they were not computed again.</summary>
    public int CachedPromptTokens { get; init; }

    /// <summary>For each generated token its log-probability, if <see cref="GenerationOptions.Logprobs"/> asked for them; otherwise empty.</summary>
    public IReadOnlyList<TokenLogprobs> Logprobs { get; init; } = [];

    /// <summary>Computed prompt tokens a second.</summary>
    public double PrefillTokensPerSecond => (PromptTokenIds.Count - CachedPromptTokens) / Math.Max(PrefillTime.TotalSeconds, 1e-9);

    /// <summary>Generated tokens a second, after the first.</summary>
    public double DecodeTokensPerSecond => Math.Max(TokenIds.Count - 1, 0) / Math.Max(DecodeTime.TotalSeconds, 1e-9);

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>A piece of a text while it is being generated.</summary>
/// <param name="Text">New text; empty while a character or a possible stop string is incomplete.</param>
/// <param name="TokenId">The token it came with; null for the last piece, which ends the text.</param>
/// <param name="Result">With the last piece, the whole; otherwise null.</param>
public readonly record struct GenerationUpdate(string Text, int? TokenId, GenerationResult? Result)
{
    /// <summary>The token's log-probability, if <see cref="GenerationOptions.Logprobs"/> asked for it; otherwise null.</summary>
    public TokenLogprobs? Logprobs { get; init; }

    /// <summary>The new text.</summary>
    public override string ToString() => Text;
}
