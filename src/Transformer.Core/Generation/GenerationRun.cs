using System.Diagnostics;
using System.Text;
using Transformer.Core.Sampling;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Generation;

/// <summary>One generation, step by step: prefill, choose, decode the text, stop.</summary>
internal sealed class GenerationRun
{
    private readonly DecoderSession _session;
    private readonly GenerationOptions _options;
    private readonly int[] _prompt;
    private readonly TokenChoice _choice;
    private readonly HashSet<int> _endTokens;
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly StopStrings _stops;
    private readonly List<int> _tokens = [];
    private readonly List<TokenLogprobs> _logprobs = [];
    private readonly StringBuilder _text = new();
    private int _cached;
    private TimeSpan _prefill;
    private TimeSpan _decode;
    private FinishReason? _finished;

    public GenerationRun(DecoderSession session, ITokenizer tokenizer, int[] prompt, GenerationOptions options, TokenChoice choice)
    {
        _session = session;
        _options = options;
        _prompt = prompt;
        _choice = choice;
        _endTokens = options.IgnoreEndTokens ? [] : [.. options.EndTokenIds ?? DefaultEndTokens(tokenizer)];
        _detokenizer = new IncrementalDetokenizer(tokenizer, continuesText: true);
        _stops = new StopStrings(options.StopStrings);
    }

    /// <summary>The session.</summary>
    public DecoderSession Session => _session;

    /// <summary>The token to compute before the next can be chosen.</summary>
    public int Last => _tokens[^1];

    /// <summary>Whether another token will come.</summary>
    public bool IsRunning => _finished is null && _options.MaxTokens > 0;

    /// <summary>The next piece of text; the last one carries the result.</summary>
    public GenerationUpdate Next(CancellationToken cancellationToken)
    {
        if (_finished is { } reason)
            return End(reason);
        cancellationToken.ThrowIfCancellationRequested();
        if (_options.MaxTokens == 0)
            return End(FinishReason.MaxTokens);

        long start = Stopwatch.GetTimestamp();
        if (_tokens.Count == 0)
            Prefill(cancellationToken);
        else
            Decode(cancellationToken);
        return Continue(Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Computes the prompt, as far as the session does not hold it.</summary>
    public void Prefill(CancellationToken cancellationToken)
    {
        int kept = _session.KeepPrefix(_prompt);
        if (kept == _prompt.Length && !_session.HasLogits)
            kept = _session.KeepPrefix(_prompt.AsSpan(0, kept - 1));
        _cached = kept;
        if (kept < _prompt.Length)
            _session.Forward(_prompt.AsSpan(kept), cancellationToken);
    }

    /// <summary>Chooses a token from the session's logits and gives its text.</summary>
    /// <param name="time">How long the logits took.</param>
    public GenerationUpdate Continue(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        int token = _choice.Choose(_session.Logits, _session.Tokens);
        time += Stopwatch.GetElapsedTime(start);
        if (_tokens.Count == 0)
            _prefill = time;
        else
            _decode += time;

        _tokens.Add(token);
        TokenLogprobs? logprobs = null;
        if (_options.WantsLogprobs)
        {
            logprobs = Logprobs.Of(token, _session.Logits, _options.TopLogprobs);
            _logprobs.Add(logprobs);
        }
        if (_endTokens.Contains(token))
            return Emit("", token, logprobs, FinishReason.EndToken);
        string text = _stops.Append(_detokenizer.Append(token));
        return Emit(text, token, logprobs, _stops.Matched is not null ? FinishReason.StopString
            : _tokens.Count >= _options.MaxTokens ? FinishReason.MaxTokens
            : _session.Length >= _session.Capacity && !_options.ShiftContext ? FinishReason.ContextFull
            : null);
    }

    /// <summary>Computes the last token; where the context is full, after it made room.</summary>
    public void Decode(CancellationToken cancellationToken)
    {
        if (_session.Length < _session.Capacity)
        {
            _session.Forward(_tokens[^1]);
            return;
        }

        // The rest is computed again at its new positions: right for every position encoder, unlike shifting a cache.
        int[] tokens = [.. _session.Tokens, _tokens[^1]];
        int keep = Math.Min(_options.KeepTokens, _session.Capacity - 2);
        int dropped = Math.Max(1, (_session.Capacity - keep) / 2);
        int[] shorter = [.. tokens.AsSpan(0, keep), .. tokens.AsSpan(keep + dropped)];
        int kept = _session.KeepPrefix(shorter.AsSpan(0, keep));
        _session.Forward(shorter.AsSpan(kept), cancellationToken);
    }

    private GenerationUpdate Emit(string text, int token, TokenLogprobs? logprobs, FinishReason? finished)
    {
        _text.Append(text);
        _finished = finished;
        return new GenerationUpdate(text, token, null) { Logprobs = logprobs };
    }

    /// <summary>What was held back comes out with the last piece, unless a stop string ended the text.</summary>
    private GenerationUpdate End(FinishReason reason)
    {
        string rest = "";
        if (_stops.Matched is null)
        {
            rest = _stops.Append(_detokenizer.Flush());
            if (_stops.Matched is null)
                rest += _stops.Flush();
        }
        _text.Append(rest);
        GenerationResult result = new(_text.ToString(), _prompt, _tokens, reason, _stops.Matched, _prefill, _decode)
        {
            CachedPromptTokens = _cached,
            Logprobs = _logprobs,
        };
        return new GenerationUpdate(rest, null, result);
    }

    /// <summary>Tokens that end a text where the options name none.</summary>
    internal static IEnumerable<int> DefaultEndTokens(ITokenizer tokenizer) =>
        tokenizer.BosTokenId is { } bos ? tokenizer.EndTokenIds.Append(bos) : tokenizer.EndTokenIds;
}
