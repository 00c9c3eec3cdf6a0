using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Generation;

/// <summary>Reads a checkpoint's files once from beginning to end, so that the system keeps them in its page cache.</summary>
internal static class ReadAhead
{
    private const int BytesAtOnce = 1 << 20;

    /// <exception cref="ModelFileException">A file is missing or damaged, or could not be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(string path, IProgress<ModelLoadProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> files = Files(path);
        long total = files.Sum(file => new FileInfo(file).Length);
        long done = 0;
        byte[] buffer = new byte[BytesAtOnce];
        foreach (string file in files)
        {
            try
            {
                using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
                int read;
                while ((read = stream.Read(buffer)) > 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    done += read;
                    progress?.Report(new ModelLoadProgress(ModelLoadStage.ReadingAhead, 0, 0, done, total));
                }
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                throw new ModelFileException(file, null, "a readable file", refused.Message.TrimEnd('.'), refused);
            }
        }
    }

    /// <summary>The files with weights; opening the checkpoint first gives the usual exceptions.</summary>
    private static IReadOnlyList<string> Files(string path)
    {
        if (!ModelLoader.IsFolder(path))
        {
            using GgufFile file = GgufFile.Open(path);
            return file.Files;
        }
        using HuggingFaceFolder folder = HuggingFaceFolder.Open(path);
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.safetensors").Order(StringComparer.Ordinal)] : [path];
    }
}
