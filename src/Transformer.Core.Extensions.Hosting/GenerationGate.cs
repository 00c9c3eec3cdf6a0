using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Lets a bounded number of generations run, a bounded number wait in order, and refuses the others. Thread-safe.</summary>
/// <example><code>using (await gate.EnterAsync(cancellationToken)) { ... generate ... }</code></example>
public sealed class GenerationGate : IDisposable
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly ConcurrencyLimiter _limiter;
    private readonly int _maxGenerations;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private double _averageSeconds;

    /// <summary>A gate.</summary>
    /// <param name="options">How many may run and wait.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="logger">Told of refusals; null: nobody is.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public GenerationGate(ConcurrencyOptions options, TimeProvider? time = null, ILogger<GenerationGate>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _maxGenerations = options.MaxGenerations ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(_maxGenerations, 1, nameof(options.MaxGenerations));
        ArgumentOutOfRangeException.ThrowIfNegative(options.QueueLimit, nameof(options.QueueLimit));
        _time = time ?? TimeProvider.System;
        _logger = logger ?? (ILogger)NullLogger.Instance;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = _maxGenerations,
            QueueLimit = options.QueueLimit,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>Generations that run now.</summary>
    public int Running => _maxGenerations - (int)(_limiter.GetStatistics()?.CurrentAvailablePermits ?? 0);

    /// <summary>Generations that wait now.</summary>
    public int Queued => (int)(_limiter.GetStatistics()?.CurrentQueuedCount ?? 0);

    /// <summary>Waits for a place.</summary>
    /// <param name="cancellationToken">Gives the place in the queue up.</param>
    /// <returns>The place; disposing it lets the next one in.</returns>
    /// <exception cref="GenerationQueueFullException">As many wait already as may.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited.</exception>
    /// <exception cref="ObjectDisposedException">The gate was disposed.</exception>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken = default)
    {
        RateLimitLease lease = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        if (lease.IsAcquired)
            return new Place(this, lease);
        lease.Dispose();
        TimeSpan retryAfter = RetryAfter();
        HostingLog.Refused(_logger, Running, Queued, retryAfter.TotalSeconds);
        throw new GenerationQueueFullException(retryAfter);
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    /// <summary>When the queue will have moved on, judged by how long generations took of late; whole seconds, as in the HTTP header.</summary>
    private TimeSpan RetryAfter()
    {
        double seconds = Math.Ceiling(Volatile.Read(ref _averageSeconds) * (Queued + 1) / _maxGenerations);
        return TimeSpan.FromSeconds(Math.Clamp(seconds, ShortestRetry.TotalSeconds, LongestRetry.TotalSeconds));
    }

    private void Note(double seconds)
    {
        double average = Volatile.Read(ref _averageSeconds);
        Volatile.Write(ref _averageSeconds, average == 0 ? seconds : (0.8 * average) + (0.2 * seconds));
    }

    private sealed class Place(GenerationGate gate, RateLimitLease lease) : IDisposable
    {
        private readonly long _entered = gate._time.GetTimestamp();
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) != 0)
                return;
            gate.Note(gate._time.GetElapsedTime(_entered).TotalSeconds);
            lease.Dispose();
        }
    }
}
