using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Sampling;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Generation;

/// <summary>
/// One beam search, after transformers' BeamSearchScorer: of all one-token continuations of the n beams so many are looked at
/// that n of them go on even if the best are end tokens. Those that end count as finished only if they are among the best n.
/// </summary>
internal sealed class BeamSearchRun : IDisposable
{
    private readonly ITokenizer _tokenizer;
    private readonly BeamSearchOptions _options;
    private readonly int[] _prompt;
    private readonly HashSet<int> _endTokens;
    private readonly int _maxTokens;
    private readonly SessionBatch _batch;
    private readonly List<ILogitsProcessor> _processors;
    private readonly float[] _scores;
    private readonly List<BeamHypothesis> _finished = []; // best first
    private List<Beam> _beams = [];

    public BeamSearchRun(TextGenerator generator, int[] prompt, BeamSearchOptions options)
    {
        TransformerModel model = generator.Model;
        _tokenizer = generator.Tokenizer;
        _options = options;
        _prompt = prompt;
        _endTokens = [.. options.EndTokenIds ?? GenerationRun.DefaultEndTokens(_tokenizer)];
        _maxTokens = (int)Math.Min(options.MaxTokens, (long)model.ContextLength - prompt.Length + 1);
        _batch = new SessionBatch(model);
        _processors = [.. options.LogitsProcessors.Select(create => create())];
        _scores = new float[model.VocabSize];
        _beams.Add(new Beam(model.CreateSession(Math.Min(model.ContextLength, prompt.Length + _maxTokens)), [], 0));
    }

    /// <summary>Runs to the end.</summary>
    public IReadOnlyList<BeamHypothesis> Run(CancellationToken cancellationToken)
    {
        _beams[0].Session.Forward(_prompt, cancellationToken);
        for (int length = 1; ; length++)
        {
            List<Candidate> candidates = Best(Math.Max(2, 1 + _endTokens.Count) * _options.Beams);
            List<Candidate> next = [];
            for (int rank = 0; rank < candidates.Count && next.Count < _options.Beams; rank++)
            {
                if (!_endTokens.Contains(candidates[rank].Token))
                    next.Add(candidates[rank]);
                else if (rank < _options.Beams)
                    Finish(candidates[rank], FinishReason.EndToken);
            }
            if (next.Count == 0 || IsDone(candidates[0].Logprob, length))
                break;
            if (length == _maxTokens)
            {
                foreach (Candidate open in next)
                    Finish(open, _maxTokens < _options.MaxTokens ? FinishReason.ContextFull : FinishReason.MaxTokens);
                break;
            }
            GoOn(next, cancellationToken);
        }
        return [.. _finished.Take(_options.ResultCount)];
    }

    public void Dispose()
    {
        foreach (Beam beam in _beams)
            beam.Session.Dispose();
        _batch.Dispose();
    }

    /// <summary>The best continuations of all beams, best first.</summary>
    private List<Candidate> Best(int count)
    {
        List<Candidate> all = [];
        foreach (Beam beam in _beams)
        {
            double total = LogSumExp.Compute(beam.Session.Logits);
            for (int i = 0; i < _scores.Length; i++)
                _scores[i] = (float)(beam.Session.Logits[i] - total);
            foreach (ILogitsProcessor processor in _processors)
                processor.Process(_scores, beam.Session.Tokens);

            // No more of one beam than of all.
            foreach (TokenLogprob token in Logprobs.Largest(_scores, Math.Min(count, _scores.Length)))
                if (token.Logprob > double.NegativeInfinity)
                    all.Add(new Candidate(beam, token.TokenId, beam.Logprob + token.Logprob));
        }
        return [.. all.OrderByDescending(candidate => candidate.Logprob).Take(count)];
    }

    private void Finish(Candidate candidate, FinishReason reason)
    {
        int[] tokens = [.. candidate.Parent.Tokens, candidate.Token];
        IncrementalDetokenizer detokenizer = new(_tokenizer, continuesText: true);
        string text = string.Concat(tokens.Select(detokenizer.Append)) + detokenizer.Flush();
        BeamHypothesis hypothesis = new(text, tokens, candidate.Logprob, Score(candidate.Logprob, tokens.Length), reason);
        int place = _finished.FindIndex(other => other.Score < hypothesis.Score);
        _finished.Insert(place < 0 ? _finished.Count : place, hypothesis);
        if (_finished.Count > _options.Beams)
            _finished.RemoveAt(_options.Beams);
    }

    private bool IsDone(double best, int length)
    {
        if (_finished.Count < _options.Beams)
            return false;
        int longest = _options.Stopping == BeamStopping.Never && _options.LengthPenalty > 0 ? _maxTokens : length;
        return _options.Stopping == BeamStopping.Early || _finished[^1].Score >= Score(best, longest);
    }

    private double Score(double logprob, int length) => logprob / Math.Pow(length, _options.LengthPenalty);

    /// <summary>Gives each chosen continuation a session: the first of a beam takes the beam's own, others get copies.</summary>
    private void GoOn(List<Candidate> chosen, CancellationToken cancellationToken)
    {
        List<Beam> parents = _beams;
        HashSet<Beam> taken = [];
        _beams = [];
        foreach (Candidate candidate in chosen)
        {
            DecoderSession session = taken.Contains(candidate.Parent) ? candidate.Parent.Session.Fork() : candidate.Parent.Session;
            taken.Add(candidate.Parent);
            _beams.Add(new Beam(session, [.. candidate.Parent.Tokens, candidate.Token], candidate.Logprob));
        }
        foreach (Beam parent in parents)
            if (!taken.Contains(parent))
                parent.Session.Dispose();
        foreach (Beam beam in _beams)
            _batch.Add(beam.Session, [beam.Tokens[^1]]);
        _batch.Forward(cancellationToken);
    }

    /// <summary>An open text.</summary>
    private sealed class Beam(DecoderSession session, int[] tokens, double logprob)
    {
        public DecoderSession Session { get; } = session;

        public int[] Tokens { get; } = tokens;

        public double Logprob { get; } = logprob;
    }

    /// <summary>A beam and a token behind it.</summary>
    private readonly record struct Candidate(Beam Parent, int Token, double Logprob);
}
