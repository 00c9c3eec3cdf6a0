namespace Transformer.Core;

/// <summary>A token and the logarithm of its probability.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Logprob">ln p, at most 0.</param>
public readonly record struct TokenLogprob(int TokenId, double Logprob);

/// <summary>
/// How probable a token was to the model, and which others were. The probabilities are the softmax of the raw logits,
/// before penalties, temperature and truncation, as in OpenAI's API and llama.cpp's server.
/// </summary>
/// <param name="TokenId">The token.</param>
/// <param name="Logprob">ln p, at most 0.</param>
/// <param name="TopLogprobs">The most probable tokens, most probable first; the token itself is among them only if it is one of them.</param>
public sealed record TokenLogprobs(int TokenId, double Logprob, IReadOnlyList<TokenLogprob> TopLogprobs);
