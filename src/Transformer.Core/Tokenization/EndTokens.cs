namespace Transformer.Core.Tokenization;

/// <summary>Which tokens end a text.</summary>
internal static class EndTokens
{
    // chat models end a turn with one of these, while files often name only the end of the whole text
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", Return, Call, "<|endoftext|>", "<|end_of_text|>", "<|EOT|>", "<EOT>", "[EOT]", "[EOS]",
        "</s>", "<eos>", "<end_of_turn>", "<turn|>", "<end_of_utterance>", "<｜end▁of▁sentence｜>",
    };

    private const string End = "<|end|>", Return = "<|return|>", Call = "<|call|>";

    /// <summary>The ids a file names, then the special tokens known to end a turn; each once.</summary>
    public static int[] Collect(IEnumerable<int> named, IEnumerable<AddedToken> added)
    {
        AddedToken[] known = [.. added.Where(token => token.Kind == TokenKind.Special && Names.Contains(token.Text))];
        // gpt-oss ends each message of a turn with <|end|>: its turn ends with one of the others
        bool hasMessages = Array.Exists(known, token => token.Text == Return) && Array.Exists(known, token => token.Text == Call);
        return [.. named.Concat(known.Where(token => !hasMessages || token.Text != End).Select(token => token.Id)).Distinct()];
    }
}
