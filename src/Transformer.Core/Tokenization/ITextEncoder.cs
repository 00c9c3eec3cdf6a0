namespace Transformer.Core.Tokenization;

/// <summary>Turns text without any added token into ids. Immutable and thread-safe.</summary>
internal interface ITextEncoder
{
    /// <summary>Appends the ids of a fragment.</summary>
    /// <param name="text">Well-formed text, not empty.</param>
    /// <param name="startsText">Whether the fragment is the beginning of the whole text.</param>
    /// <param name="ids">Where the ids go.</param>
    void Encode(string text, bool startsText, List<int> ids);
}
