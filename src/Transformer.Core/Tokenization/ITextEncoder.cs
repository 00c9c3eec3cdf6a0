namespace Transformer.Core.Tokenization;

/// <summary>Turns text without any added token into ids. Immutable and thread-safe.</summary>
internal interface ITextEncoder
{
    /// <summary>The form of a fragment in which tokens are looked for; the same object if nothing changes.</summary>
    /// <param name="text">Well-formed text, not empty.</param>
    /// <param name="startsFragment">Whether it is the beginning of a fragment, which may get a space before it; not so for the later runs of one.</param>
    string Normalize(string text, bool startsFragment = true);

    /// <summary>Appends the ids of a fragment.</summary>
    /// <param name="text">What <see cref="Normalize"/> made, not empty.</param>
    /// <param name="startsText">Whether the fragment is the beginning of the whole text.</param>
    /// <param name="ids">Where the ids go.</param>
    void Encode(string text, bool startsText, List<int> ids);
}
