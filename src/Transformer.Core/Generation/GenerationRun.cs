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
    private readonly List<ILogitsProcessor> _processors;
    private readonly ISampler _sampler;
    private readonly HashSet<int> _endTokens;
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly StopStrings _stops;
    private readonly float[] _logits;
    private readonly List<int> _tokens = [];
    private readonly StringBuilder _text = new();
    private TimeSpan _prefill;
    private TimeSpan _decode;
    private FinishReason? _finished;

    public GenerationRun(DecoderSession session, ITokenizer tokenizer, int[] prompt, GenerationOptions options)
    {
        _session = session;
        _options = options;
        _prompt = prompt;
        _processors = options.CreateProcessors();
        _sampler = options.CreateSampler();
        _endTokens = options.IgnoreEndTokens ? [] : [.. options.EndTokenIds ?? DefaultEndTokens(tokenizer)];
        _detokenizer = new IncrementalDetokenizer(tokenizer, continuesText: true);
        _stops = new StopStrings(options.StopStrings);
        _logits = _processors.Count > 0 ? new float[session.Model.VocabSize] : [];
    }

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
            _session.Forward(_prompt, cancellationToken);
        else
            _session.Forward(_tokens[^1]);
        int token = Choose();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        if (_tokens.Count == 0)
            _prefill = time;
        else
            _decode += time;

        _tokens.Add(token);
        if (_endTokens.Contains(token))
            return Emit("", token, FinishReason.EndToken);
        string text = _stops.Append(_detokenizer.Append(token));
        return Emit(text, token, _stops.Matched is not null ? FinishReason.StopString
            : _tokens.Count >= _options.MaxTokens ? FinishReason.MaxTokens
            : _session.Length >= _session.Capacity ? FinishReason.ContextFull
            : null);
    }

    private GenerationUpdate Emit(string text, int token, FinishReason? finished)
    {
        _text.Append(text);
        _finished = finished;
        return new GenerationUpdate(text, token, null);
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
        return new GenerationUpdate(rest, null, new GenerationResult(_text.ToString(), _prompt, _tokens, reason, _stops.Matched, _prefill, _decode));
    }

    private int Choose()
    {
        if (_processors.Count == 0)
            return _sampler.Sample(_session.Logits);
        _session.Logits.CopyTo(_logits);
        foreach (ILogitsProcessor processor in _processors)
            processor.Process(_logits, _session.Tokens);
        return _sampler.Sample(_logits);
    }

    private static IEnumerable<int> DefaultEndTokens(ITokenizer tokenizer) =>
        tokenizer.BosTokenId is { } bos ? tokenizer.EndTokenIds.Append(bos) : tokenizer.EndTokenIds;
}
