using System.Collections.Concurrent;

namespace Transformer.Core.Architectures;

/// <summary>Finds the family that a file names. Thread-safe.</summary>
public sealed class ArchitectureRegistry
{
    private readonly ConcurrentDictionary<string, IArchitecture> _families = new(StringComparer.OrdinalIgnoreCase);

    private static readonly IArchitecture[] Own =
    [
        new ArticleArchitecture(),
        new BloomArchitecture(),
        new DeepSeekArchitecture(),
        new Gemma2Architecture(),
        new Gemma3Architecture(),
        new Gpt2Architecture(),
        new GptNeoXArchitecture(),
        new GptOssArchitecture(),
        new LlamaArchitecture(),
        new Olmo2Architecture(),
        new Phi3Architecture(),
        new Qwen2Architecture(),
        new Qwen3Architecture(),
        new SmolLm3Architecture(),
    ];

    /// <summary>A registry that knows the library's own families.</summary>
    public ArchitectureRegistry()
    {
        foreach (IArchitecture architecture in Own)
            Register(architecture);
    }

    /// <summary>The registry used where none is given. Register a family here to load its files everywhere.</summary>
    public static ArchitectureRegistry Default { get; } = new();

    /// <summary>Names of all families known.</summary>
    public IReadOnlyList<string> Names => [.. _families.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Adds a family, or replaces the one of the same names.</summary>
    public ArchitectureRegistry Register(IArchitecture architecture)
    {
        foreach (string name in architecture.Names)
            _families[name] = architecture;
        return this;
    }

    /// <summary>The family that a file names.</summary>
    /// <exception cref="UnsupportedModelException">It is not known.</exception>
    public IArchitecture Find(IModelMetadata metadata) =>
        _families.TryGetValue(metadata.Architecture, out IArchitecture? architecture)
            ? architecture
            : throw new UnsupportedModelException(metadata.Origin, "architecture", metadata.Architecture, Names, "Implement IArchitecture and call ArchitectureRegistry.Default.Register to add one.");
}
