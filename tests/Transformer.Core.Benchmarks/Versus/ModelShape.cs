namespace Transformer.Core.Benchmarks.Versus;

/// <summary>The sizes of a well-known model.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Architecture">The family under which it is written.</param>
internal sealed record ModelShape(
    string Name,
    string Architecture,
    int Layers,
    int Hidden,
    int Heads,
    int KvHeads,
    int FeedForward,
    int Vocabulary,
    int Context,
    float RopeBase)
{
    /// <summary>The shapes known. Qwen's is written as llama, so without the biases of q, k and v: the same products. The one with latent attention is narrow but for its attention, DeepSeek-V2-Lite's.</summary>
    public static IReadOnlyList<ModelShape> All { get; } =
    [
        new("gpt2", "gpt2", 12, 768, 12, 12, 3072, 50257, 1024, 0),
        new("qwen", "llama", 24, 896, 14, 2, 4864, 151936, 32768, 1_000_000),
        new("mla", "deepseek2", 4, 512, 16, 1, 1024, 1000, 8192, 10_000),
        new("llama", "llama", 16, 2048, 32, 8, 8192, 128256, 131072, 500_000),
    ];

    /// <summary>The same with a context that holds so many tokens.</summary>
    public ModelShape For(int tokens) => tokens <= Context ? this : this with { Name = $"{Name}-{(tokens + 1023) / 1024}k", Context = (tokens + 1023) / 1024 * 1024 };

    /// <summary>Width of one head.</summary>
    public int HeadDim => Hidden / Heads;

    /// <summary>Width of all keys, and of all values, of one token.</summary>
    public int KvWidth => HeadDim * KvHeads;
}
