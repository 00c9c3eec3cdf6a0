using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tokenization;
using Transformer.Core.Tool.Output;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tool;

/// <summary>The file or folder of <c>--model</c>, and what the commands need of it.</summary>
internal static class ModelFile
{
    /// <summary>The model that comes with the tool, beside the executable.</summary>
    public static string Primer { get; } = Path.Combine(AppContext.BaseDirectory, "primer.gguf");

    /// <summary>The path of a model that exists.</summary>
    /// <param name="path">What <c>--model</c> says; null: the primer.</param>
    /// <exception cref="FileNotFoundException">There is nothing there.</exception>
    public static string Locate(string? path)
    {
        if (path is null)
        {
            return File.Exists(Primer)
                ? Primer
                : throw new FileNotFoundException($"No --model was given, and the model that comes with the tool is missing: {Primer}.");
        }
        return File.Exists(path) || Directory.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path}: expected a GGUF file or a Hugging Face folder, found nothing there.");
    }

    /// <summary>Loads a model, behind a progress bar while somebody watches.</summary>
    public static TransformerModel Load(string? path, int? threads, WeightFormat? kvCache = null) => ProgressBar.Run(
        "loading",
        progress => Open(path, threads, kvCache).BuildAsync(progress is null ? null : new Loading(progress)).GetAwaiter().GetResult());

    /// <summary>Opens a model that is built later.</summary>
    public static TransformerBuilder Open(string? path, int? threads, WeightFormat? kvCache)
    {
        TransformerBuilder builder = ModelLoader.Open(Locate(path));
        if (threads is { } count)
            builder.WithThreads(count);
        if (kvCache is not null)
            builder.WithKvCache(kvCache);
        return builder;
    }

    /// <summary>Loads a tokenizer alone: of a file with a vocabulary and no weights, or with weights that cannot be used.</summary>
    public static ITokenizer LoadTokenizer(string? path)
    {
        string found = Locate(path);
        if (Directory.Exists(found))
            return TokenizerLoader.FromHuggingFace(found);
        if (found.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return TokenizerLoader.FromHuggingFace(Path.GetDirectoryName(Path.GetFullPath(found))!);
        using GgufFile file = GgufFile.Open(found);
        return TokenizerLoader.FromMetadata(file);
    }

    /// <summary>The tokenizer of a loaded model, which must have one.</summary>
    public static ITokenizer TokenizerOf(TransformerModel model) =>
        model.Tokenizer ?? throw new ArgumentException($"{model.Description.Name} has no tokenizer.");

    private sealed class Loading(IProgress<double> bar) : IProgress<ModelLoadProgress>
    {
        public void Report(ModelLoadProgress value) => bar.Report(value.Share);
    }
}
