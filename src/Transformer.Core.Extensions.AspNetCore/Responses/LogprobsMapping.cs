using System.Text;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Log-probabilities in OpenAI's two forms.</summary>
internal static class LogprobsMapping
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    // what OpenAI writes for the logarithm of 0, which JSON has no number for
    private const double Impossible = -9999;

    /// <summary>The chat's form; null: none were asked for.</summary>
    public static ChatLogprobs? Chat(IEnumerable<TokenLogprobs> tokens, ITokenizer tokenizer) =>
        tokens.Select(token => Token(token.TokenId, token.Logprob, tokenizer) with { TopLogprobs = [.. token.TopLogprobs.Select(top => Token(top.TokenId, top.Logprob, tokenizer))] })
            .ToList() is { Count: > 0 } content ? new ChatLogprobs(content) : null;

    /// <summary>Adds a token in the completions' form.</summary>
    /// <param name="lists">The lists.</param>
    /// <param name="token">The token.</param>
    /// <param name="offset">Where its text begins, in characters from the beginning of the completion.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    public static void Add(this CompletionLogprobs lists, TokenLogprobs token, int offset, ITokenizer tokenizer)
    {
        lists.Tokens.Add(Text(token.TokenId, tokenizer));
        lists.TokenLogprobs.Add(Number(token.Logprob));
        lists.TextOffset.Add(offset);
        Dictionary<string, double> top = [];
        // several tokens may have one text: what one sees of it then is all of its probability
        foreach (IGrouping<string, TokenLogprob> same in token.TopLogprobs.GroupBy(entry => Text(entry.TokenId, tokenizer)))
            top[same.Key] = Number(Math.Min(same.Count() == 1 ? same.First().Logprob : Math.Log(same.Sum(entry => Math.Exp(entry.Logprob))), 0));
        lists.TopLogprobs.Add(top);
    }

    private static ChatToken Token(int id, double logprob, ITokenizer tokenizer) =>
        new(Text(id, tokenizer), Number(logprob), [.. tokenizer.TokenBytes(id).ToArray().Select(value => (int)value)]);

    /// <summary>The token's text; of half a character <c>bytes:\xe4</c>, of a special token its name.</summary>
    private static string Text(int id, ITokenizer tokenizer)
    {
        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
        if (bytes.IsEmpty)
            return tokenizer.TokenText(id);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return "bytes:" + string.Concat(bytes.ToArray().Select(value => $"\\x{value:x2}"));
        }
    }

    private static double Number(double logprob) => Math.Max(logprob, Impossible);
}
