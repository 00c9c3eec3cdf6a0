namespace Transformer.Core.Extensions.Hosting;

/// <summary>A model as configuration describes it. Named like the model's key; the one without a key has the default name.</summary>
public sealed class TransformerOptions
{
    /// <summary>A GGUF file (of a split model its first part) or a Hugging Face folder.</summary>
    public string? Path { get; set; }

    /// <summary>Most tokens of a sequence; null: what the file says.</summary>
    public int? ContextLength { get; set; }

    /// <summary>How keys and values are stored: <c>F32</c>, <c>F16</c>, <c>BF16</c> or <c>Q8_0</c>; null: F32.</summary>
    public string? KvCache { get; set; }

    /// <summary>Threads that compute a forward pass, 1 to 1024; null: one for each processor.</summary>
    public int? Threads { get; set; }

    /// <summary>What the host does with the model before the first request; acts with <c>AddWarmUp</c>.</summary>
    public WarmUpOptions WarmUp { get; set; } = new();

    /// <summary>How many generations may run and wait; acts with <c>AddConcurrencyLimit</c>.</summary>
    public ConcurrencyOptions Concurrency { get; set; } = new();
}
