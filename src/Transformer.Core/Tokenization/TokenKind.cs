namespace Transformer.Core.Tokenization;

/// <summary>What a vocabulary entry is for.</summary>
internal enum TokenKind
{
    /// <summary>A piece of text, found by merging.</summary>
    Normal,

    /// <summary>Text that is one token wherever it occurs, whatever the merges say.</summary>
    UserDefined,

    /// <summary>A mark of the model's own (beginning, end, turn): has no text, and is parsed only when asked.</summary>
    Special,

    /// <summary>An id that no text leads to.</summary>
    Unused,
}
