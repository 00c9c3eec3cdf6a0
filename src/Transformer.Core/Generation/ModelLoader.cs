using Transformer.Core.Architectures;
using Transformer.Core.Generation;
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
        return IsFolder(path) ? OpenFolder(path, tokenizer, architectures) : OpenGguf(path, tokenizer, architectures);
    }

    /// <summary>
    /// Opens and builds a model off the caller's thread. To change something first: <see cref="Open"/>, then
    /// <see cref="TransformerBuilderLoading.BuildAsync"/>.
    /// </summary>
    /// <param name="path">A GGUF file or a Hugging Face folder, as for <see cref="Open"/>.</param>
    /// <param name="progress">Told when the files are opened, at each tensor that a component is given, and at the end.</param>
    /// <param name="cancellationToken">Honoured between tensors.</param>
    /// <exception cref="ModelFileException">A file is missing or damaged.</exception>
    /// <exception cref="UnsupportedModelException">The architecture, a tensor type or the tokenizer is not supported.</exception>
    /// <exception cref="ModelBuildException">The file's tensors do not fit its architecture; lists every problem found.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<TransformerModel> LoadAsync(string path, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => Load(() => Open(path), progress, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Reads a checkpoint's files once, off the caller's thread, so that they lie in the system's page cache: a mapped
    /// file is otherwise read while the first prompt waits for it. Worth its time before serving, if memory holds the files.
    /// </summary>
    /// <param name="path">A GGUF file or a Hugging Face folder, as for <see cref="Open"/>.</param>
    /// <param name="progress">Told the bytes read after every MiB.</param>
    /// <param name="cancellationToken">Honoured after every MiB.</param>
    /// <exception cref="ModelFileException">A file is missing, damaged or unreadable.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task ReadAheadAsync(string path, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Task.Run(() => ReadAhead.Run(path, progress, cancellationToken), cancellationToken);
    }

    /// <summary>Opens and builds on this thread, with reports.</summary>
    internal static TransformerModel Load(Func<TransformerBuilder> open, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new ModelLoadProgress(ModelLoadStage.Opening, 0, 0, 0, 0));
        return ObservedWeights.Build(open(), progress, cancellationToken);
    }

    internal static bool IsFolder(string path) => Directory.Exists(path) || path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    internal static TransformerBuilder OpenGguf(string path, ITokenizer? tokenizer, ArchitectureRegistry? architectures)
    {
        Rehearsal? rehearsal = architectures is null ? Rehearsal.Begin() : null;
        GgufFile file = GgufFile.Open(path);
        IWeightSource weights = GgufNames.Canonical(file);
        rehearsal?.Continue(file, weights);
        if (tokenizer is null && TokenizerLoader.HasVocabulary(file))
            tokenizer = TokenizerLoader.FromMetadata(file);
        return Compose(file, weights, tokenizer, architectures, Path.GetFileNameWithoutExtension(path), file.SpecialTokens());
    }

    internal static TransformerBuilder OpenFolder(string path, ITokenizer? tokenizer, ArchitectureRegistry? architectures)
    {
        Rehearsal? rehearsal = architectures is null ? Rehearsal.Begin() : null;
        HuggingFaceFolder folder = HuggingFaceFolder.Open(path);
        IWeightSource weights = HuggingFaceNames.Canonical(folder);
        rehearsal?.Continue(folder, weights);
        string directory = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (tokenizer is null && TokenizerLoader.HasVocabulary(directory))
            tokenizer = TokenizerLoader.FromHuggingFace(directory);
        return Compose(folder, weights, tokenizer, architectures, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), HuggingFaceSettings.Read(directory));
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

    /// <summary>Builds the model off the caller's thread. The builder must not be changed meanwhile.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="progress">Told at each tensor that a component is given, and at the end.</param>
    /// <param name="cancellationToken">Honoured between tensors.</param>
    /// <exception cref="ModelBuildException">Something does not fit; lists every problem found.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<TransformerModel> BuildAsync(this TransformerBuilder builder, IProgress<ModelLoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Task.Run(() => ObservedWeights.Build(builder, progress, cancellationToken), cancellationToken);
    }
}
