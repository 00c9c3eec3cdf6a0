using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

namespace Transformer.Core.Generation;

/// <summary>
/// Sequence breakers of DRY as tokens. A breaker may begin inside a token and end in others, so each token that holds it, or
/// ends with a beginning of it, is the head of a sequence (as in llama.cpp).
/// </summary>
internal static class SequenceBreakers
{
    private const int MostBytes = 40;
    private const int MostTokens = 20;
    private const int MostKept = 64;

    // The whole vocabulary is searched, so what was found is kept as long as the tokenizer lives.
    private static readonly ConditionalWeakTable<ITokenizer, ConcurrentDictionary<string, int[][]>> Found = [];

    /// <summary>The token sequences of some breakers.</summary>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<string> breakers, ITokenizer tokenizer)
    {
        ConcurrentDictionary<string, int[][]> found = Found.GetOrCreateValue(tokenizer);
        List<int[]> all = [];
        foreach (string breaker in breakers)
        {
            if (!found.TryGetValue(breaker, out int[][]? sequences))
            {
                sequences = Search(breaker, tokenizer);
                if (found.Count < MostKept)
                    found[breaker] = sequences;
            }
            all.AddRange(sequences);
        }
        return all;
    }

    private static int[][] Search(string breaker, ITokenizer tokenizer)
    {
        byte[] text = Encoding.UTF8.GetBytes(breaker);
        text = text[..Math.Min(text.Length, MostBytes)];
        List<int[]> sequences = [];
        for (int id = 0; id < tokenizer.VocabSize; id++)
        {
            ReadOnlySpan<byte> token = tokenizer.TokenBytes(id);
            if (token.IndexOf(text) >= 0)
            {
                sequences.Add([id]);
                continue;
            }
            for (int length = 1; length < text.Length && length <= token.Length; length++)
            {
                if (!token.EndsWith(text.AsSpan(0, length)))
                    continue;
                int[] rest = tokenizer.Encode(Encoding.UTF8.GetString(text, length, text.Length - length), addBos: false);
                sequences.Add([id, .. rest.AsSpan(0, Math.Min(rest.Length, MostTokens))]);
            }
        }
        return [.. sequences];
    }
}
