namespace Transformer.Core.Extensions.AI;

/// <summary>What a chat template, which comes with a model file and so from a stranger, may use up.</summary>
public sealed record ChatTemplateLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static ChatTemplateLimits Default { get; } = new();

    /// <summary>Most characters of the template itself. Default: 1 million.</summary>
    public int MaxSourceLength { get; init; } = 1_000_000;

    /// <summary>Most steps: expressions evaluated, items of lists made, and 64 characters of text made each count one. Default: 10 million.</summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>Deepest nesting of expressions, blocks, calls and values, at most 300, for each level takes some of the stack. Default: 200.</summary>
    public int MaxDepth { get; init; } = 200;

    /// <summary>Most characters of the output, and of any text made on the way. Default: 16 million.</summary>
    public int MaxOutputLength { get; init; } = 16_000_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSourceLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSteps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 300);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxOutputLength);
    }
}
