namespace Transformer.Core;

/// <summary>A model or vocabulary file is missing, damaged, or does not hold what was asked of it.</summary>
public sealed class ModelFileException : TransformerException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file, folder or other source of the data.</param>
    /// <param name="subject">The tensor, key or part of the file that is wrong; null for the file as a whole.</param>
    /// <param name="expected">What was expected there.</param>
    /// <param name="found">What was found instead.</param>
    /// <param name="innerException">The cause, where another exception revealed it.</param>
    public ModelFileException(string file, string? subject, string expected, string found, Exception? innerException = null)
        : base($"{file}: {(subject is null ? "" : subject + ": ")}expected {expected}, found {found}.", innerException)
    {
        File = file;
        Subject = subject;
        Expected = expected;
        Found = found;
    }

    /// <summary>The file, folder or other source of the data.</summary>
    public string File { get; }

    /// <summary>The tensor, key or part of the file that is wrong; null for the file as a whole.</summary>
    public string? Subject { get; }

    /// <summary>What was expected.</summary>
    public string Expected { get; }

    /// <summary>What was found.</summary>
    public string Found { get; }
}
