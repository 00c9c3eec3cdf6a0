using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Transformer.Core.Sampling;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Extensions.AI;

/// <summary>One answer: tokens become text, text becomes contents, contents become updates.</summary>
internal sealed class ChatRun
{
    private readonly TextGenerator _generator;
    private readonly SessionPool _sessions;
    private readonly int[] _prompt;
    private readonly ChatRequest _request;
    private readonly IResponseReader _reader;
    private readonly StopStrings _stops;
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly HashSet<int> _ends;
    private readonly string _responseId = "chatcmpl-" + Guid.NewGuid().ToString("N");
    private readonly string _modelId;
    private readonly DateTimeOffset _createdAt;
    private int _tokens;
    private int _cached;
    private int _calls;

    public ChatRun(TextGenerator generator, SessionPool sessions, int[] prompt, ChatRequest request, IResponseReader reader, string modelId, DateTimeOffset createdAt)
    {
        _generator = generator;
        _sessions = sessions;
        _prompt = prompt;
        _request = request;
        _reader = reader;
        _modelId = modelId;
        _createdAt = createdAt;
        _stops = new StopStrings(request.StopStrings);
        _detokenizer = new IncrementalDetokenizer(generator.Tokenizer);
        _ends = [.. request.Generation.EndTokenIds ?? generator.Tokenizer.EndTokenIds];
    }

    /// <summary>The updates; the last has the reason of the end and the usage.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> Stream([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ChatFinishReason finish = ChatFinishReason.Stop;
        List<TokenLogprobs> logprobs = [];
        DecoderSession session = _sessions.Rent(_prompt);
        try
        {
            _cached = Math.Min(session.Tokens.CommonPrefixLength(_prompt), _prompt.Length - 1);
            await foreach (GenerationUpdate update in _generator.StreamAsync(_prompt, _request.Generation, session, cancellationToken).ConfigureAwait(false))
            {
                if (update.Logprobs is { } known)
                    logprobs.Add(known);
                if (update.Result is { } result)
                {
                    finish = result.FinishReason is FinishReason.MaxTokens or FinishReason.ContextFull ? ChatFinishReason.Length : ChatFinishReason.Stop;
                    break;
                }
                _tokens++;
                List<AIContent> contents = Limit(Read(update.TokenId!.Value));
                if (contents.Count > 0)
                {
                    yield return Update(contents, update, logprobs);
                    logprobs = [];
                }
                if (_stops.Matched is not null || (_request.SingleCall && _calls > 0))
                    break;
            }
        }
        finally
        {
            _sessions.Return(session);
        }

        List<AIContent> rest = Limit(Finish());
        if (_calls > 0 && finish == ChatFinishReason.Stop)
            finish = ChatFinishReason.ToolCalls;
        rest.Add(new UsageContent(new UsageDetails
        {
            InputTokenCount = _prompt.Length,
            OutputTokenCount = _tokens,
            TotalTokenCount = _prompt.Length + _tokens,
            CachedInputTokenCount = _cached,
        }));
        ChatResponseUpdate last = Update(rest, null, logprobs);
        last.FinishReason = finish;
        yield return last;
    }

    // a special token has no text, but may be a mark of the format
    private IEnumerable<AIContent> Read(int token)
    {
        ITokenizer tokenizer = _generator.Tokenizer;
        if (tokenizer.TokenBytes(token).IsEmpty)
        {
            string mark = tokenizer.TokenText(token);
            if (!_reader.IsMark(mark))
                return [];
            string before = _stops.Append(_detokenizer.Flush()) + (_stops.Matched is null ? _stops.Flush() : "");
            return [.. _reader.Append(before, isMark: false), .. _stops.Matched is null ? _reader.Append(mark, isMark: true) : []];
        }
        return _ends.Contains(token) ? [] : _reader.Append(_stops.Append(_detokenizer.Append(token)), isMark: false);
    }

    private IEnumerable<AIContent> Finish()
    {
        string rest = "";
        if (_stops.Matched is null)
        {
            rest = _stops.Append(_detokenizer.Flush());
            if (_stops.Matched is null)
                rest += _stops.Flush();
        }
        return [.. _reader.Append(rest, isMark: false), .. _reader.Flush()];
    }

    private List<AIContent> Limit(IEnumerable<AIContent> contents)
    {
        List<AIContent> kept = [];
        foreach (AIContent content in contents)
        {
            if (content is TextReasoningContent && !_request.ShowsReasoning)
                continue;
            if (_request.SingleCall && _calls > 0)
                break;
            if (content is FunctionCallContent)
                _calls++;
            kept.Add(content);
        }
        return kept;
    }

    private ChatResponseUpdate Update(List<AIContent> contents, GenerationUpdate? raw, List<TokenLogprobs> logprobs)
    {
        ChatResponseUpdate update = new(ChatRole.Assistant, contents)
        {
            ResponseId = _responseId,
            MessageId = _responseId,
            ModelId = _modelId,
            CreatedAt = _createdAt,
            RawRepresentation = raw,
        };
        if (logprobs.Count > 0)
            update.AdditionalProperties = new AdditionalPropertiesDictionary { [TransformerChatClient.LogprobsKey] = (IReadOnlyList<TokenLogprobs>)logprobs };
        return update;
    }
}
