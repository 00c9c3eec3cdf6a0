namespace Transformer.Core;

/// <summary>
/// A piece of a text that has two authors: a prompt's frame, which may spell special tokens, and what is put into the
/// frame, which may not. See <see cref="ITokenizer.Encode(IReadOnlyList{TextPart}, bool?)"/>.
/// </summary>
/// <param name="Text">The piece.</param>
/// <param name="IsTemplate">Whether it belongs to the frame. False for everything that a user or a tool wrote.</param>
public readonly record struct TextPart(string Text, bool IsTemplate)
{
    /// <summary>The piece's text.</summary>
    public override string ToString() => Text;
}
