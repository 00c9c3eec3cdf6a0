namespace Transformer.Core.Tokenization;

/// <summary>Which characters of a text belong to its frame (<see cref="TextPart.IsTemplate"/>): only these may spell a special token.</summary>
internal sealed class TemplatePlaces
{
    // [i]: characters before i that are not the frame's
    private readonly int[] _foreignBefore;

    private TemplatePlaces(int[] foreignBefore) => _foreignBefore = foreignBefore;

    /// <summary>The places of parts, one after the other.</summary>
    public static TemplatePlaces Of(IReadOnlyList<TextPart> parts)
    {
        int[] before = new int[1 + parts.Sum(part => part.Text.Length)];
        int at = 0;
        foreach (TextPart part in parts)
        {
            for (int i = 0; i < part.Text.Length; i++, at++)
                before[at + 1] = before[at] + (part.IsTemplate ? 0 : 1);
        }
        return new TemplatePlaces(before);
    }

    /// <summary>Whether all of a span belongs to the frame.</summary>
    public bool Contains(int start, int length) => _foreignBefore[start + length] == _foreignBefore[start];

    /// <summary>The places of a normalized fragment.</summary>
    /// <param name="text">The whole text as written.</param>
    /// <param name="start">Where the fragment begins.</param>
    /// <param name="length">Its length as written.</param>
    /// <param name="normalized">The fragment as the encoder has it.</param>
    /// <param name="encoder">The encoder.</param>
    /// <remarks>Where characters of both authors became one, no place is the frame's: nobody can tell whose it is.</remarks>
    public TemplatePlaces Normalized(string text, int start, int length, string normalized, ITextEncoder encoder)
    {
        var runs = new List<TextPart>();
        for (int from = start; from < start + length;)
        {
            bool isTemplate = Contains(from, 1);
            int end = from + 1;
            while (end < start + length && Contains(end, 1) == isTemplate)
                end++;
            runs.Add(new TextPart(encoder.Normalize(text[from..end], startsFragment: from == start), isTemplate));
            from = end;
        }
        return string.Concat(runs.Select(run => run.Text)) == normalized ? Of(runs) : Of([new TextPart(normalized, false)]);
    }
}
