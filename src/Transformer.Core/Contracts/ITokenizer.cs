namespace Transformer.Core;

/// <summary>Text to token ids and back. Immutable and thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Number of ids: every id is at least 0 and below this.</summary>
    int VocabSize { get; }

    /// <summary>The token that begins a sequence, or null if the vocabulary has none.</summary>
    int? BosTokenId { get; }

    /// <summary>Whether the model was trained with <see cref="BosTokenId"/> before every text.</summary>
    bool AddsBos { get; }

    /// <summary>Tokens that end a text (end of sequence, end of turn).</summary>
    IReadOnlyList<int> EndTokenIds { get; }

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text; unpaired surrogates are encoded as U+FFFD.</param>
    /// <param name="addBos">Whether <see cref="BosTokenId"/> comes first; null: as the model was trained (<see cref="AddsBos"/>).</param>
    /// <param name="parseSpecial">Whether text that spells a special token becomes that token. Off by default: user text is only text.</param>
    int[] Encode(string text, bool? addBos = null, bool parseSpecial = false);

    /// <summary>
    /// The ids of a text with two authors. Special tokens are found only where all of their characters lie in
    /// <see cref="TextPart.IsTemplate"/> parts; everything else is encoded as one text, across the borders of the parts.
    /// </summary>
    /// <param name="parts">The text, in order.</param>
    /// <param name="addBos">Whether <see cref="BosTokenId"/> comes first, unless the text itself begins with it; null: as the model was trained (<see cref="AddsBos"/>).</param>
    /// <remarks>
    /// The default encodes each run of parts by itself, which is as safe, but may cut a word at a border differently
    /// from the way the model was trained. The library's own tokenizers do better.
    /// </remarks>
    int[] Encode(IReadOnlyList<TextPart> parts, bool? addBos = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        List<int> ids = [];
        for (int i = 0; i < parts.Count;)
        {
            int end = i + 1;
            while (end < parts.Count && parts[end].IsTemplate == parts[i].IsTemplate)
                end++;
            string text = string.Concat(parts.Skip(i).Take(end - i).Select(part => part.Text));
            ids.AddRange(Encode(text, addBos: false, parts[i].IsTemplate));
            i = end;
        }
        if ((addBos ?? AddsBos) && BosTokenId is int bos && (ids.Count == 0 || ids[0] != bos))
            ids.Insert(0, bos);
        return [.. ids];
    }

    /// <summary>The text of a sequence; special tokens have none. Bytes that are no UTF-8 become U+FFFD.</summary>
    /// <exception cref="TokenOutOfRangeException">An id is out of range.</exception>
    string Decode(ReadOnlySpan<int> tokenIds);

    /// <summary>The UTF-8 bytes that a token stands for inside a text: possibly a part of a character; none for a special token.</summary>
    /// <exception cref="TokenOutOfRangeException">The id is out of range.</exception>
    ReadOnlySpan<byte> TokenBytes(int tokenId);

    /// <summary>The token as a person reads it: its text, or the name of a special token such as <c>&lt;s&gt;</c>.</summary>
    /// <exception cref="TokenOutOfRangeException">The id is out of range.</exception>
    string TokenText(int tokenId);
}
