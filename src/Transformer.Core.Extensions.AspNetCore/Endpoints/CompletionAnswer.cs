using System.Text;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>One completion, piece by piece and whole.</summary>
internal sealed class CompletionAnswer(int index, ITokenizer tokenizer, bool wantsLogprobs)
{
    private readonly StringBuilder _text = new();
    private readonly CompletionLogprobs _logprobs = NoTokens();
    private readonly IncrementalDetokenizer _detokenizer = new(tokenizer, continuesText: true);
    private string? _finishReason;
    private int _offset;

    public CompletionChoice Whole => new(index, _text.ToString(), wantsLogprobs ? _logprobs : null, _finishReason);

    /// <summary>The next piece.</summary>
    public CompletionChoice Append(GenerationUpdate update)
    {
        _text.Append(update.Text);
        if (update.Result is { } result)
            _finishReason = result.FinishReason is FinishReason.MaxTokens or FinishReason.ContextFull ? "length" : "stop";
        CompletionLogprobs? logprobs = null;
        if (update.Logprobs is { } token)
        {
            logprobs = NoTokens();
            logprobs.Add(token, _offset, tokenizer);
            _logprobs.Add(token, _offset, tokenizer);
            _offset += _detokenizer.Append(token.TokenId).Length;
        }
        return new CompletionChoice(index, update.Text, logprobs, _finishReason);
    }

    private static CompletionLogprobs NoTokens() => new([], [], [], []);
}
