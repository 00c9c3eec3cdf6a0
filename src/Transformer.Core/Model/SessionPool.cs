namespace Transformer.Core;

/// <summary>
/// Idle sessions of a model, kept for what they remember: whoever rents one for a prompt gets the one that has most of it
/// computed already, so that the next turn of a conversation costs only its new tokens. Thread-safe; nothing is computed
/// and nothing copied while its lock is held.
/// </summary>
public sealed class SessionPool : IDisposable
{
    // Less is computed again about as fast as a session is copied.
    private const int LeastWorthACopy = 32;

    private readonly List<DecoderSession> _idle = []; // the one returned last stands last
    private readonly Lock _lock = new();
    private readonly int _maxSessions;
    private readonly long _maxBytes;
    private readonly int? _capacity;
    private bool _disposed;

    /// <summary>An empty pool.</summary>
    /// <param name="model">The model of its sessions.</param>
    /// <param name="maxSessions">Most idle sessions, at least 0. Those that were not used for longest go first.</param>
    /// <param name="maxBytes">Most bytes of idle sessions (<see cref="DecoderSession.SizeInBytes"/>), at least 0; null: no limit but <paramref name="maxSessions"/>.</param>
    /// <param name="capacity">Most tokens of a session; null: the model's <see cref="TransformerModel.ContextLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public SessionPool(TransformerModel model, int maxSessions = 8, long? maxBytes = null, int? capacity = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(maxSessions);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes ?? 0, nameof(maxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity ?? 1, 1, nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity ?? 1, model.ContextLength, nameof(capacity));
        Model = model;
        _maxSessions = maxSessions;
        _maxBytes = maxBytes ?? long.MaxValue;
        _capacity = capacity;
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Sessions that wait to be rented.</summary>
    public int IdleCount
    {
        get
        {
            lock (_lock)
                return _idle.Count;
        }
    }

    /// <summary>Bytes that they hold.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_lock)
                return _idle.Sum(session => session.SizeInBytes);
        }
    }

    /// <summary>
    /// A session for a prompt, which is the caller's until it is returned: the idle one that has the longest beginning of it
    /// if that is most of what it holds; a copy of that one, if it is a part worth copying (a system prompt that
    /// conversations share); otherwise a new one. It may hold other tokens behind: <see cref="DecoderSession.KeepPrefix"/>
    /// cuts it, and <see cref="TextGenerator"/> does so by itself.
    /// </summary>
    /// <param name="promptTokenIds">The tokens to be computed.</param>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public DecoderSession Rent(ReadOnlySpan<int> promptTokenIds)
    {
        DecoderSession? best = null;
        int common = 0;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (DecoderSession session in _idle)
            {
                int length = session.Tokens.CommonPrefixLength(promptTokenIds);
                if (length >= common && length > 0)
                    (best, common) = (session, length);
            }
            bool own = best is not null && 2L * common >= best.Length;
            if (!own && common < LeastWorthACopy)
                best = null;
            if (best is not null)
                _idle.Remove(best);
            if (own)
                return best!;
        }
        if (best is null)
            return Model.CreateSession(_capacity);
        DecoderSession copy;
        try
        {
            copy = best.Fork();
        }
        finally
        {
            Return(best);
        }
        copy.KeepPrefix(promptTokenIds);
        return copy;
    }

    /// <summary>Gives a session back, rented or one's own; it must not be used any more. Disposes what is one too many.</summary>
    /// <exception cref="ArgumentException">It is of another model, or was given back already.</exception>
    public void Return(DecoderSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (!ReferenceEquals(session.Model, Model))
            throw new ArgumentException("The session is of another model.", nameof(session));
        List<DecoderSession> evicted = [];
        lock (_lock)
        {
            if (_idle.Contains(session))
                throw new ArgumentException("The session was given back already.", nameof(session));
            session.Observer = null;
            session.DropoutSeed = null;
            if (_disposed || session.Length == 0)
                evicted.Add(session);
            else
                _idle.Add(session);
            long bytes = _idle.Sum(idle => idle.SizeInBytes);
            while (_idle.Count > 0 && (_idle.Count > _maxSessions || bytes > _maxBytes))
            {
                bytes -= _idle[0].SizeInBytes;
                evicted.Add(_idle[0]);
                _idle.RemoveAt(0);
            }
        }
        foreach (DecoderSession one in evicted)
            one.Dispose();
    }

    /// <summary>Disposes the idle sessions; those that are rented are disposed when they come back.</summary>
    public void Dispose()
    {
        DecoderSession[] idle;
        lock (_lock)
        {
            _disposed = true;
            idle = [.. _idle];
            _idle.Clear();
        }
        foreach (DecoderSession session in idle)
            session.Dispose();
    }
}
