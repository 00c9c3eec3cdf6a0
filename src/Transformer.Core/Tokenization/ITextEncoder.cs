namespace Transformer.Core.Tokenization;

/// <summary>Turns text without any added token into ids. Immutable and thread-safe.</summary>
internal interface ITextEncoder
{
    /// <summary>The form of a fragment in which tokens are looked for; the same object if nothing changes.</summary>
    /// <param name="text">Well-formed text, not empty.</param>
    string Normalize(string text);

    /// <summary>Appends the ids of a fragment.</summary>
    /// <param name="text">What <see cref="Normalize"/> made, not empty.</param>
    /// <param name="startsText">Whether the fragment is the beginning of the whole text.</param>
    /// <param name="ids">Where the ids go.</param>
    void Encode(string text, bool startsText, List<int> ids);
}
