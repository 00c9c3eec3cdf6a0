namespace Transformer.Core.Tokenization;

/// <summary>Which tokens end a text.</summary>
internal static class EndTokens
{
    // chat models end a turn with one of these, while files often name only the end of the whole text
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|endoftext|>", "<|end_of_text|>", "<|EOT|>", "<end_of_turn>", "<｜end▁of▁sentence｜>",
    };

    /// <summary>The ids a file names, then the special tokens known to end a turn; each once.</summary>
    public static int[] Collect(IEnumerable<int> named, IEnumerable<AddedToken> added) =>
        [.. named.Concat(added.Where(token => token.Kind == TokenKind.Special && Names.Contains(token.Text)).Select(token => token.Id)).Distinct()];
}
