namespace Transformer.Core.Extensions.Hosting;

/// <summary>How many generations may run and wait at a time.</summary>
public sealed class ConcurrencyOptions
{
    /// <summary>Generations that run at once, 1 or more; null: one for each processor.</summary>
    public int? MaxGenerations { get; set; }

    /// <summary>Generations that may wait for their turn, 0 or more. Default: 16.</summary>
    public int QueueLimit { get; set; } = 16;
}
