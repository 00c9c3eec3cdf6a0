using System.Text;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>One answer of a chat, piece by piece and whole.</summary>
internal sealed class ChatAnswer(int index, ITokenizer tokenizer)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<FunctionCallContent> _calls = [];
    private readonly List<TokenLogprobs> _logprobs = [];
    private bool _hasBegun;
    private string _finishReason = "stop";

    /// <summary>What it used; known at the end.</summary>
    public UsageDetails Usage { get; private set; } = new();

    public ChatChoice Whole => new(
        index,
        new AnswerMessage(
            _text.Length > 0 || _calls.Count == 0 ? _text.ToString() : null,
            _calls.Count > 0 ? _calls.ConvertAll(call => ToolCallMapping.Of(call, null)) : null,
            _reasoning.Length > 0 ? _reasoning.ToString() : null),
        LogprobsMapping.Chat(_logprobs, tokenizer),
        _finishReason);

    /// <summary>The next pieces: the first says who speaks, the last why it ended.</summary>
    public IEnumerable<ChunkChoice> Append(ChatResponseUpdate update)
    {
        if (!_hasBegun)
            yield return Piece(new Delta { Role = "assistant", Content = "" });
        _hasBegun = true;

        IReadOnlyList<TokenLogprobs> logprobs = update.AdditionalProperties?.TryGetValue(TransformerChatClient.LogprobsKey, out object? found) == true ? (IReadOnlyList<TokenLogprobs>)found! : [];
        _logprobs.AddRange(logprobs);
        ChatLogprobs? known = LogprobsMapping.Chat(logprobs, tokenizer);
        foreach (AIContent content in update.Contents)
        {
            if (content is UsageContent usage)
                Usage = usage.Details;
            else if (Read(content) is { } delta)
            {
                yield return Piece(delta, known);
                known = null;
            }
        }
        if (known is not null)
            yield return Piece(new Delta(), known);
        if (update.FinishReason is { } reason)
        {
            _finishReason = reason.Value;
            yield return Piece(new Delta(), finishReason: _finishReason);
        }
    }

    private Delta? Read(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                _text.Append(text.Text);
                return new Delta { Content = text.Text };
            case TextReasoningContent reasoning:
                _reasoning.Append(reasoning.Text);
                return new Delta { ReasoningContent = reasoning.Text };
            case FunctionCallContent call:
                _calls.Add(call);
                return new Delta { ToolCalls = [ToolCallMapping.Of(call, _calls.Count - 1)] };
            default:
                return null;
        }
    }

    private ChunkChoice Piece(Delta delta, ChatLogprobs? logprobs = null, string? finishReason = null) => new(index, delta, logprobs, finishReason);
}
