namespace Transformer.Core.Tokenization;

/// <summary>A token that is found in the text itself, before any merging.</summary>
/// <param name="Text">How it is spelled; not empty.</param>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><see cref="TokenKind.UserDefined"/>: always one token; <see cref="TokenKind.Special"/>: only when asked.</param>
/// <param name="StripsLeft">Whether it swallows white space before it.</param>
/// <param name="StripsRight">Whether it swallows white space after it.</param>
/// <param name="IsWord">Whether it counts only where no letter, digit or underscore touches it.</param>
/// <param name="IsNormalized">Whether it is looked for in the normalized text, not in the text as written.</param>
internal sealed record AddedToken(
    string Text, int Id, TokenKind Kind, bool StripsLeft = false, bool StripsRight = false, bool IsWord = false, bool IsNormalized = false)
{
    /// <summary>
    /// Whether a name has the form of a mark of the model's own. Some files, DeepSeek's among them, do not flag their
    /// turn markers as special; taken as plain text they would let a user's text open a turn. llama.cpp's converter
    /// judges by the same forms, so that both formats of a model agree.
    /// </summary>
    public static bool LooksSpecial(string text) =>
        (text.StartsWith("<|", StringComparison.Ordinal) && text.EndsWith("|>", StringComparison.Ordinal))
        || (text.StartsWith("<｜", StringComparison.Ordinal) && text.EndsWith("｜>", StringComparison.Ordinal));
}
