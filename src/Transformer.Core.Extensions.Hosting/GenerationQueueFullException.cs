namespace Transformer.Core.Extensions.Hosting;

/// <summary>As many generations run and wait as may: over HTTP 503 with Retry-After.</summary>
public sealed class GenerationQueueFullException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="retryAfter">When there may be a place.</param>
    public GenerationQueueFullException(TimeSpan retryAfter)
        : base($"The queue of generations is full; try again in {retryAfter.TotalSeconds:0} s.") => RetryAfter = retryAfter;

    /// <summary>When there may be a place: whole seconds, at least one.</summary>
    public TimeSpan RetryAfter { get; }
}
