namespace Transformer.Core.Architectures;

/// <summary>A model family: turns what a file says about itself into a composed builder.</summary>
public interface IArchitecture
{
    /// <summary>Names under which files announce it (<c>general.architecture</c>, <c>model_type</c>).</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Sets sizes and components on an empty builder.</summary>
    /// <exception cref="ModelFileException">A key is missing or has a value that cannot be.</exception>
    void Configure(TransformerBuilder builder, IModelMetadata metadata);
}
