using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// Runs several sessions in one forward pass, so that each weight is read once for all of them. Each gets the
/// logits that it would have got alone. Serves one call at a time.
/// </summary>
/// <param name="model">The model of every session.</param>
public sealed class SessionBatch(TransformerModel model) : IDisposable
{
    private readonly List<DecoderSession> _sessions = [];
    private readonly Workspace _workspace = new();
    private int[] _tokens = [];
    private int[] _positions = [];
    private int[] _lastRows = [];
    private SequenceRows[] _sequences = [];
    private int _rows;

    /// <summary>Sees, and may change, the values of the passes; null: nobody. The sessions' own observers are not called.</summary>
    public IActivationObserver? Observer { get; set; }

    /// <summary>Adds a session's next tokens to the next pass.</summary>
    /// <exception cref="ArgumentException">The session is of another model, already in the pass, or has a <see cref="DecoderSession.DropoutSeed"/>.</exception>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    /// <exception cref="ContextLengthExceededException">The tokens do not fit the session's capacity.</exception>
    public void Add(DecoderSession session, ReadOnlySpan<int> tokenIds)
    {
        if (!ReferenceEquals(session.Model, model))
            throw new ArgumentException("The session is of another model.", nameof(session));
        if (session.DropoutSeed is not null)
            throw new ArgumentException("A session with a Monte Carlo seed (DropoutSeed) runs alone: the seed belongs to a whole pass.", nameof(session));
        if (_sessions.Contains(session))
            throw new ArgumentException("The session is already in this pass.", nameof(session));
        session.Check(tokenIds);
        Grow(_sessions.Count + 1, _rows + tokenIds.Length);
        int index = _sessions.Count;
        _sessions.Add(session);
        _sequences[index] = session.Rows(_rows, tokenIds.Length);
        tokenIds.CopyTo(_tokens.AsSpan(_rows));
        for (int i = 0; i < tokenIds.Length; i++)
            _positions[_rows + i] = session.Length + i;
        _rows += tokenIds.Length;
        _lastRows[index] = _rows - 1;
    }

    /// <summary>Runs the pass; afterwards each session's <see cref="DecoderSession.Logits"/> are those after its last token, and the batch is empty.</summary>
    /// <param name="cancellationToken">Checked before every layer. A cancelled pass leaves the sessions as they were before.</param>
    /// <exception cref="InvalidOperationException">Another thread is using one of the sessions, or it has gone on or back since it was added.</exception>
    public void Forward(CancellationToken cancellationToken = default)
    {
        if (_sessions.Count == 0)
            return;
        int entered = 0;
        bool done = false;
        try
        {
            for (; entered < _sessions.Count; entered++)
                _sessions[entered].Enter();
            StageAll();
            Run(cancellationToken);
            done = true;
        }
        finally
        {
            for (int i = 0; i < entered; i++)
            {
                if (done)
                    _sessions[i].Commit(_sequences[i].Count);
                else
                    _sessions[i].RollBack(_sessions[i].Length);
                _sessions[i].Leave();
            }
            _sessions.Clear();
            _rows = 0;
        }
    }

    /// <summary>Hands the scratch memory back. The sessions stay as they are.</summary>
    public void Dispose() => _workspace.Dispose();

    private void StageAll()
    {
        for (int i = 0; i < _sessions.Count; i++)
        {
            SequenceRows rows = _sequences[i];
            if (_sessions[i].Length != _positions[rows.Start])
                throw new InvalidOperationException($"A session held {_positions[rows.Start]} tokens when it was added to the pass, now it holds {_sessions[i].Length}.");
            _sessions[i].Settle();
            _sessions[i].Stage(_tokens.AsSpan(rows.Start, rows.Count));
        }
    }

    private void Run(CancellationToken cancellationToken)
    {
        using WorkspaceScope scope = _workspace.Scope();
        int count = _sessions.Count;
        MatrixSpan logits = _workspace.Matrix(count, model.VocabSize);
        ForwardContext context = new()
        {
            Positions = _positions.AsSpan(0, _rows),
            Sequences = _sequences.AsSpan(0, count),
            Compute = new ComputeContext(model.Workers, _workspace),
            Layer = -1,
            Observer = Observer,
        };
        model.Forward(_tokens.AsSpan(0, _rows), _lastRows.AsSpan(0, count), logits, context, cancellationToken);
        for (int i = 0; i < count; i++)
            logits[i].CopyTo(_sessions[i].LogitBuffer);
    }

    private void Grow(int sessions, int rows)
    {
        if (_sequences.Length < sessions)
        {
            Array.Resize(ref _sequences, Math.Max(sessions, 2 * _sequences.Length));
            Array.Resize(ref _lastRows, _sequences.Length);
        }
        if (_tokens.Length < rows)
        {
            Array.Resize(ref _tokens, Math.Max(rows, 2 * _tokens.Length));
            Array.Resize(ref _positions, _tokens.Length);
        }
    }
}
