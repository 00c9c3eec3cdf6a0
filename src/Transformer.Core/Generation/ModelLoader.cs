using Transformer.Core.Architectures;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core;

/// <summary>Opens a checkpoint: reader, family and tokenizer joined in a builder that is already composed.</summary>
public static class ModelLoader
{
    /// <summary>Opens a GGUF file or a Hugging Face folder, whichever the path is.</summary>
    /// <param name="path">A <c>.gguf</c> file (of a split model its first part), or a folder with <c>config.json</c> and safetensors.</param>
    /// <param name="tokenizer">Used instead of the checkpoint's own; null: its own, if it has one.</param>
    /// <param name="architectures">The families known; null: <see cref="ArchitectureRegistry.Default"/>.</param>
    /// <exception cref="ModelFileException">A file is missing or damaged.</exception>
    /// <exception cref="UnsupportedModelException">The architecture, a tensor type or the tokenizer is not supported.</exception>
    public static TransformerBuilder Open(string path, ITokenizer? tokenizer = null, ArchitectureRegistry? architectures = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)
            ? OpenFolder(path, tokenizer, architectures)
            : OpenGguf(path, tokenizer, architectures);
    }

    internal static TransformerBuilder OpenGguf(string path, ITokenizer? tokenizer, ArchitectureRegistry? architectures)
    {
        GgufFile file = GgufFile.Open(path);
        if (tokenizer is null && TokenizerLoader.HasVocabulary(file))
            tokenizer = TokenizerLoader.FromMetadata(file);
        return Compose(file, GgufNames.Canonical(file), tokenizer, architectures, Path.GetFileNameWithoutExtension(path), file.SpecialTokens());
    }

    internal static TransformerBuilder OpenFolder(string path, ITokenizer? tokenizer, ArchitectureRegistry? architectures)
    {
        HuggingFaceFolder folder = HuggingFaceFolder.Open(path);
        string directory = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (tokenizer is null && TokenizerLoader.HasVocabulary(directory))
            tokenizer = TokenizerLoader.FromHuggingFace(directory);
        return Compose(folder, HuggingFaceNames.Canonical(folder), tokenizer, architectures, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), HuggingFaceSettings.Read(directory));
    }

    private static TransformerBuilder Compose(IModelMetadata metadata, IWeightSource weights, ITokenizer? tokenizer, ArchitectureRegistry? architectures, string name, IEnumerable<(string Key, object Value)> settings)
    {
        TransformerBuilder builder = new TransformerBuilder().WithName(name).WithWeights(weights).WithMetadata(new MetadataSnapshot(metadata, settings));
        (architectures ?? ArchitectureRegistry.Default).Find(metadata).Configure(builder, metadata);
        if (tokenizer is not null)
            builder.WithTokenizer(tokenizer);
        return builder.RequireAllWeights();
    }
}

/// <summary>The loader's entry points, where one looks for them first.</summary>
public static class TransformerBuilderLoading
{
    extension(TransformerBuilder)
    {
        /// <summary>A builder composed from a GGUF file: build it, or swap a component first.</summary>
        /// <param name="path">The file; of a split model its first part.</param>
        /// <param name="tokenizer">Used instead of the file's own.</param>
        /// <exception cref="ModelFileException">A file is missing or damaged.</exception>
        /// <exception cref="UnsupportedModelException">The architecture, a tensor type or the tokenizer is not supported.</exception>
        public static TransformerBuilder FromGguf(string path, ITokenizer? tokenizer = null) =>
            ModelLoader.OpenGguf(path, tokenizer, architectures: null);

        /// <summary>A builder composed from a Hugging Face folder (<c>config.json</c>, safetensors, <c>tokenizer.json</c>).</summary>
        /// <param name="folder">The folder.</param>
        /// <param name="tokenizer">Used instead of the folder's own.</param>
        /// <exception cref="ModelFileException">A file is missing or damaged.</exception>
        /// <exception cref="UnsupportedModelException">The architecture, a tensor type or the tokenizer is not supported.</exception>
        public static TransformerBuilder FromPretrained(string folder, ITokenizer? tokenizer = null) =>
            ModelLoader.OpenFolder(folder, tokenizer, architectures: null);
    }
}
