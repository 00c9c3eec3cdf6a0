using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Transformer.Core.Numerics;

/// <summary>
/// Threads that compute one region at a time together with the thread that calls <see cref="Run"/>.
/// Workers spin briefly between regions, then park and cost nothing. A caller that finds the pool busy
/// computes its region alone, so callers never wait for each other.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    // About 100 us, longer than the gap between two regions of a forward pass: the runtime scales SpinWait(1)
    // to some 40 ns on every machine. Longer steps would notice a new region later.
    private const int SpinsBeforeParking = 2000;

    // Most chunks a thread, unless they would be smaller than what is worth handing over.
    private const int SmallestChunks = 16;

    private static readonly List<WorkerPool> SharedPools = [];

    private readonly Worker[] _workers;
    private int _busy;
    private bool _isShared;
    private bool _started;
    private bool _stopping;

    // The region being computed. Written before _open is set, read only by workers counted in _active.
    private delegate*<void*, int, int, int, void> _execute;
    private void* _work;
    private int _items;
    private int _chunk;
    private int _next;
    private int _region;
    private volatile bool _open;
    private int _active;
    private ExceptionDispatchInfo? _failure;

    /// <summary>A pool of <paramref name="threads"/> threads, the calling one included. They start at the first use.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not 1 to 1024.</exception>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Threads = threads;
        _workers = new Worker[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
            _workers[i] = new Worker(i + 1);
    }

    /// <summary>The pool with a thread for each processor, for everybody who brings none.</summary>
    public static WorkerPool Shared => OfSize(Environment.ProcessorCount);

    /// <summary>Threads that take part in a region, the caller's included.</summary>
    public int Threads { get; }

    /// <summary>The one pool of <paramref name="threads"/> threads that all who ask for that size share; it is never disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is not 1 to 1024.</exception>
    public static WorkerPool OfSize(int threads)
    {
        lock (SharedPools)
        {
            foreach (WorkerPool pool in SharedPools)
                if (pool.Threads == threads)
                    return pool;
            WorkerPool added = new(threads) { _isShared = true };
            SharedPools.Add(added);
            return added;
        }
    }

    /// <summary>Computes items 0 to <paramref name="items"/> - 1, split over the threads, and returns when all are done.</summary>
    /// <param name="work">The region; copied to this method's frame, so changes to it are not seen by the caller.</param>
    /// <param name="items">How many items there are.</param>
    /// <param name="grain">Fewest items worth handing to a thread.</param>
    /// <remarks>An exception thrown by the work is rethrown here once every thread has left the region.</remarks>
    public void Run<TWork>(TWork work, int items, int grain = 1)
        where TWork : struct, IParallelWork, allows ref struct
    {
        if (items <= 0)
            return;

        int chunk = Math.Max(Math.Max(grain, 1), ((items - 1) / (Threads * SmallestChunks)) + 1);
        if (Threads == 1 || chunk >= items || _stopping || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            work.Execute(0, items, 0);
            return;
        }

        ExceptionDispatchInfo? failure;
        try
        {
            if (!_started)
                Start();
#pragma warning disable CS8500 // the struct lives in this frame until every worker has left the region
            _work = &work;
#pragma warning restore CS8500
            _execute = &Invoke<TWork>;
            _items = items;
            _chunk = chunk;
            _next = 0;
            _failure = null;
            _region++;
            _open = true;
            Interlocked.MemoryBarrier();
            foreach (Worker worker in _workers)
                worker.Wake();

            Drain(0);
            _open = false;
            Interlocked.MemoryBarrier();
            SpinWait wait = default;
            while (Volatile.Read(ref _active) != 0)
                wait.SpinOnce(sleep1Threshold: -1);
            _work = null;
            failure = _failure;
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
        failure?.Throw();
    }

    /// <summary>Ends the threads. A later <see cref="Run"/> computes on the caller's thread alone.</summary>
    public void Dispose()
    {
        if (_isShared)
            return;
        _stopping = true;
        Interlocked.MemoryBarrier();
        foreach (Worker worker in _workers)
            worker.Wake();
    }

    private static void Invoke<TWork>(void* work, int start, int end, int worker)
        where TWork : struct, IParallelWork, allows ref struct
    {
#pragma warning disable CS8500
        ((TWork*)work)->Execute(start, end, worker);
#pragma warning restore CS8500
    }

    private void Drain(int worker)
    {
        try
        {
            while (true)
            {
                int start = Take(out int end);
                if (start == end)
                    return;
                _execute(_work, start, end, worker);
            }
        }
        catch (Exception exception)
        {
            // Kept for the caller; the other threads find nothing left to take.
            _failure = ExceptionDispatchInfo.Capture(exception);
            Volatile.Write(ref _next, _items);
        }
    }

    /// <summary>Takes a thread's share of half of what is left: large chunks first, small ones last, so that all threads end together.</summary>
    private int Take(out int end)
    {
        int start = Volatile.Read(ref _next);
        while (true)
        {
            int left = _items - start;
            end = start + Math.Min(left, Math.Max(_chunk, left / (2 * Threads)));
            int found = Interlocked.CompareExchange(ref _next, end, start);
            if (found == start)
                return start;
            start = found;
        }
    }

    private void Start()
    {
        _started = true;
        foreach (Worker worker in _workers)
            new Thread(() => Loop(worker)) { IsBackground = true, Name = $"Transformer.Core worker {worker.Index}" }.Start();
    }

    private void Loop(Worker worker)
    {
        int seen = 0;
        while (true)
        {
            for (int spins = 0; !(_open && Volatile.Read(ref _region) != seen); spins++)
            {
                if (_stopping)
                    return;
                if (spins < SpinsBeforeParking)
                    Thread.SpinWait(1);
                else
                {
                    worker.Park(this, seen);
                    spins = 0;
                }
            }

            // Announce first, then look again: the caller closes the region first and then looks at
            // _active, so at least one of the two sees the other.
            Interlocked.Increment(ref _active);
            if (_open)
            {
                seen = _region;
                Drain(worker.Index);
            }
            Interlocked.Decrement(ref _active);
        }
    }

    private sealed class Worker(int index)
    {
        private readonly AutoResetEvent _signal = new(false);
        private int _parked;

        public int Index => index;

        public void Wake()
        {
            if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
                _signal.Set();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Park(WorkerPool pool, int seen)
        {
            // Announce first, then look again: a region opened in between either finds the flag and
            // signals, or is found here.
            Interlocked.Exchange(ref _parked, 1);
            bool wanted = pool._stopping || (pool._open && Volatile.Read(ref pool._region) != seen);
            if (wanted && Interlocked.Exchange(ref _parked, 0) == 1)
                return;
            _signal.WaitOne();
        }
    }
}
