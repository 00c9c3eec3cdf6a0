namespace Transformer.Core.Tokenization;

/// <summary>What becomes of the matches of a pattern that cuts text, in the words of tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Each match is a piece, and so is each gap.</summary>
    Isolated,

    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>A match ends the gap before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the gap behind it.</summary>
    MergedWithNext,

    /// <summary>Matches that touch are one piece.</summary>
    Contiguous,
}
