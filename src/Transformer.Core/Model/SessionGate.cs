namespace Transformer.Core;

/// <summary>
/// Lets one call at a time into a session. Memory that a running call reads must not go away under it: a session that is
/// closed meanwhile is freed by that call when it leaves.
/// </summary>
internal struct SessionGate
{
    private const int Idle = 0, Busy = 1, Closing = 2, Closed = 3;

    private int _use;

    /// <summary>A call begins.</summary>
    /// <exception cref="ObjectDisposedException">The session is closed.</exception>
    /// <exception cref="InvalidOperationException">Another call is running.</exception>
    public void Enter(object session)
    {
        int use = Interlocked.CompareExchange(ref _use, Busy, Idle);
        ObjectDisposedException.ThrowIf(use is Closing or Closed, session);
        if (use == Busy)
            throw new InvalidOperationException("A session serves one call at a time; make a session for each thread (CreateSession or Fork).");
    }

    /// <summary>The call ends.</summary>
    /// <returns>Whether the session was closed meanwhile, so that the caller must free it.</returns>
    public bool Leave()
    {
        if (Interlocked.CompareExchange(ref _use, Idle, Busy) != Closing)
            return false;
        Volatile.Write(ref _use, Closed);
        return true;
    }

    /// <summary>Nobody may enter any more.</summary>
    /// <returns>Whether the caller must free the session; otherwise the running call will, or it was closed before.</returns>
    public bool Close()
    {
        while (true)
        {
            int use = Interlocked.CompareExchange(ref _use, Closed, Idle);
            if (use == Idle)
                return true;
            if (use != Busy || Interlocked.CompareExchange(ref _use, Closing, Busy) != Idle)
                return false;
        }
    }
}
