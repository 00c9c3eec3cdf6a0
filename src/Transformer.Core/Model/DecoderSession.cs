using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// One sequence of tokens and what every layer remembers of it. Serves one call at a time; sessions of one model
/// may run on as many threads as you like.
/// </summary>
public sealed class DecoderSession : IDisposable
{
    private readonly ISequenceState?[] _states;
    private readonly int[] _tokens;
    private readonly float[] _logits;
    private readonly Workspace _workspace = new();
    private int _length;
    private int _logitsLength; // the length that the logits belong to
    private SessionGate _gate;

    internal DecoderSession(TransformerModel model, int capacity, ISequenceState?[] states)
    {
        Model = model;
        Capacity = capacity;
        _states = states;
        _tokens = new int[capacity];
        _logits = new float[model.VocabSize];
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Most tokens the session can hold.</summary>
    public int Capacity { get; }

    /// <summary>Tokens it holds.</summary>
    public int Length => _length;

    /// <summary>The tokens it holds.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, _length);

    /// <summary>[vocabulary] logits after the last token of the last call; valid until the next call.</summary>
    public ReadOnlySpan<float> Logits => _logits;

    /// <summary>Whether <see cref="Logits"/> are those after the last of the tokens it holds; not so when it was cut since.</summary>
    internal bool HasLogits => _length > 0 && _logitsLength == _length;

    /// <summary>Bytes of the layers' states and of the scratch memory.</summary>
    public long SizeInBytes => _workspace.SizeInBytes + _states.Sum(state => state?.SizeInBytes ?? 0);

    /// <summary>Sees, and may change, the values of this session's passes; null: nobody.</summary>
    public IActivationObserver? Observer { get; set; }

    /// <summary>Seed of Monte Carlo dropout; null (the default): no dropout, as inference should be.</summary>
    public ulong? DropoutSeed { get; set; }

    /// <summary>Adds tokens (a prompt: prefill; a single token: decode) and computes the logits after the last one.</summary>
    /// <param name="tokenIds">[n] ids, n at least 1.</param>
    /// <param name="cancellationToken">Checked before every layer. A cancelled call leaves the session as it was before: of a long prompt, the pieces that were done are forgotten too.</param>
    /// <returns>[vocabulary] logits, valid until the next call.</returns>
    /// <exception cref="TokenOutOfRangeException">An id is not in the vocabulary.</exception>
    /// <exception cref="ContextLengthExceededException">The tokens do not fit <see cref="Capacity"/>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    public ReadOnlySpan<float> Forward(scoped ReadOnlySpan<int> tokenIds, CancellationToken cancellationToken = default)
    {
        Run(tokenIds, default, SessionOutput.LastLogits, cancellationToken);
        return _logits;
    }

    /// <summary>Adds one token and computes the logits after it. Allocates nothing on the managed heap.</summary>
    /// <inheritdoc cref="Forward(ReadOnlySpan{int}, CancellationToken)"/>
    public ReadOnlySpan<float> Forward(int tokenId) => Forward(new ReadOnlySpan<int>(in tokenId));

    /// <summary>Adds tokens and computes the logits after every one of them.</summary>
    /// <param name="tokenIds">[n] ids, n at least 1.</param>
    /// <param name="logits">[n, vocabulary], overwritten.</param>
    /// <param name="cancellationToken">As for <see cref="Forward(ReadOnlySpan{int}, CancellationToken)"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="logits"/> has another shape.</exception>
    /// <inheritdoc cref="Forward(ReadOnlySpan{int}, CancellationToken)" path="/exception"/>
    public void ForwardAll(ReadOnlySpan<int> tokenIds, MatrixSpan logits, CancellationToken cancellationToken = default)
    {
        if (logits.Rows != tokenIds.Length || logits.Columns != Model.VocabSize)
            throw new ArgumentException($"Expected logits [{tokenIds.Length}, {Model.VocabSize}], found [{logits.Rows}, {logits.Columns}].", nameof(logits));
        Run(tokenIds, logits, SessionOutput.Logits, cancellationToken);
    }

    /// <summary>Adds tokens and gives the hidden states of every one of them, after the final normalization; no logits are computed.</summary>
    /// <param name="tokenIds">[n] ids, n at least 1.</param>
    /// <param name="hidden">[n, hidden size], overwritten.</param>
    /// <param name="cancellationToken">As for <see cref="Forward(ReadOnlySpan{int}, CancellationToken)"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="hidden"/> has another shape.</exception>
    /// <inheritdoc cref="Forward(ReadOnlySpan{int}, CancellationToken)" path="/exception"/>
    public void ForwardHidden(ReadOnlySpan<int> tokenIds, MatrixSpan hidden, CancellationToken cancellationToken = default)
    {
        if (hidden.Rows != tokenIds.Length || hidden.Columns != Model.HiddenSize)
            throw new ArgumentException($"Expected hidden states [{tokenIds.Length}, {Model.HiddenSize}], found [{hidden.Rows}, {hidden.Columns}].", nameof(hidden));
        Run(tokenIds, hidden, SessionOutput.Hidden, cancellationToken);
    }

    /// <summary>
    /// Keeps the tokens that this session and another sequence have in common from the beginning, and forgets the rest, so
    /// that only what differs must be computed. Where a layer cannot go back that far (a window), all are forgotten.
    /// </summary>
    /// <param name="tokenIds">The sequence to be computed.</param>
    /// <returns>The tokens kept: <see cref="Length"/>.</returns>
    /// <exception cref="InvalidOperationException">Another thread is using the session.</exception>
    public int KeepPrefix(ReadOnlySpan<int> tokenIds)
    {
        Enter();
        try
        {
            int common = Tokens.CommonPrefixLength(tokenIds);
            bool possible = true;
            foreach (ISequenceState? state in _states)
                possible &= state is null || state.CanTruncate(common);
            RollBack(possible ? common : 0);
            return _length;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Forgets the tokens from <paramref name="length"/> on, so that the sequence can be continued differently.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or more than <see cref="Length"/>.</exception>
    /// <exception cref="NotSupportedException">A layer keeps a window of the tokens and cannot go back that far; the session is as before.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        Enter();
        try
        {
            // Asked first, so that a layer that cannot go back leaves the others as they are.
            foreach (ISequenceState? state in _states)
                if (state is not null && !state.CanTruncate(length))
                    state.Truncate(length);
            RollBack(length);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>An independent session that holds the same tokens.</summary>
    public DecoderSession Fork()
    {
        Enter();
        try
        {
            DecoderSession copy = new(Model, Capacity, [.. _states.Select(state => state?.Fork())])
            {
                Observer = Observer,
                DropoutSeed = DropoutSeed,
                _length = _length,
                _logitsLength = _logitsLength,
            };
            Tokens.CopyTo(copy._tokens);
            _logits.CopyTo(copy._logits, 0);
            return copy;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Writes tokens, logits and states, little-endian.</summary>
    public void Save(Stream stream)
    {
        Enter();
        try
        {
            SessionStream.Save(stream, Tokens, Logits, _states);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Replaces this session's sequence by one that was saved from the same model.</summary>
    /// <exception cref="InvalidDataException">The stream holds something else, or ends early; the session is then empty.</exception>
    public void Load(Stream stream)
    {
        Enter();
        try
        {
            RollBack(0);
            _length = SessionStream.Load(stream, _tokens, _logits, _states);
            _logitsLength = _length;
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException)
        {
            RollBack(0);
            throw exception as InvalidDataException ?? new InvalidDataException("The stream ends inside a session.", exception);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Hands the memory of the states back; during a call, once that call returns.</summary>
    public void Dispose()
    {
        if (_gate.Close())
            Free();
    }

    /// <summary>Throws unless these tokens could be added.</summary>
    internal void Check(ReadOnlySpan<int> tokenIds)
    {
        if (tokenIds.IsEmpty)
            throw new ArgumentException("Expected at least one token.", nameof(tokenIds));
        if (tokenIds.Length > Capacity - _length)
            throw new ContextLengthExceededException(Capacity, _length + tokenIds.Length);
        for (int i = 0; i < tokenIds.Length; i++)
            if ((uint)tokenIds[i] >= (uint)Model.VocabSize)
                throw new TokenOutOfRangeException(tokenIds[i], i, Model.VocabSize);
    }

    /// <summary>Writes tokens that were checked behind those there are; they count once <see cref="Commit"/> is called.</summary>
    internal void Stage(ReadOnlySpan<int> tokenIds) => tokenIds.CopyTo(_tokens.AsSpan(_length));

    /// <summary>A call begins; if it fails, the session goes back to where it is now.</summary>
    internal void Settle()
    {
        foreach (ISequenceState? state in _states)
            state?.Settle(_length);
    }

    internal void Commit(int count)
    {
        _length += count;
        _logitsLength = _length;
    }

    internal SequenceRows Rows(int start, int count) => new(start, count, _states);

    internal Span<float> LogitBuffer => _logits;

    internal void Enter() => _gate.Enter(this);

    internal void Leave()
    {
        if (_gate.Leave())
            Free();
    }

    internal void RollBack(int length)
    {
        foreach (ISequenceState? state in _states)
            if (state is not null && state.Length > length)
                state.Truncate(length);
        _length = length;
    }

    private void Free()
    {
        foreach (ISequenceState? state in _states)
            state?.Dispose();
        _workspace.Dispose();
    }

    private void Run(ReadOnlySpan<int> tokenIds, MatrixSpan rows, SessionOutput output, CancellationToken cancellationToken)
    {
        Enter();
        int before = _length;
        try
        {
            Check(tokenIds);
            Settle();
            Stage(tokenIds);
            SessionPass pass = new(this, _workspace);
            for (int start = 0; start < tokenIds.Length; start += SessionPass.MaxRows)
            {
                ReadOnlySpan<int> piece = tokenIds.Slice(start, Math.Min(SessionPass.MaxRows, tokenIds.Length - start));
                MatrixSpan pieceRows = rows.Rows > 0 ? rows.RowRange(start, piece.Length) : default;
                pass.Run(piece, pieceRows, start + piece.Length == tokenIds.Length || output != SessionOutput.LastLogits ? output : SessionOutput.None, cancellationToken);
                _length += piece.Length;
            }
            if (output == SessionOutput.Logits)
                rows[rows.Rows - 1].CopyTo(_logits);
            _logitsLength = output == SessionOutput.Hidden ? -1 : _length;
        }
        catch
        {
            _logitsLength = -1;
            RollBack(before);
            throw;
        }
        finally
        {
            Leave();
        }
    }
}
