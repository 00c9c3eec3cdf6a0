namespace Transformer.Core;

/// <summary>A file is sound, but names an architecture, tensor type or tokenizer that is not supported.</summary>
public sealed class UnsupportedModelException : TransformerException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The file that names it.</param>
    /// <param name="kind">What kind of thing it is, such as <c>architecture</c> or <c>tensor type</c>.</param>
    /// <param name="found">The name found.</param>
    /// <param name="supported">The names that are supported.</param>
    /// <param name="hint">How to add one's own, where that is possible.</param>
    public UnsupportedModelException(string file, string kind, string found, IEnumerable<string> supported, string? hint = null)
        : this(file, kind, found, [.. supported], hint)
    {
    }

    private UnsupportedModelException(string file, string kind, string found, string[] supported, string? hint)
        : base($"{file}: unknown {kind} '{found}'. Supported: {string.Join(", ", supported)}.{(hint is null ? "" : " " + hint)}")
    {
        File = file;
        Kind = kind;
        Found = found;
        Supported = supported;
    }

    /// <summary>The file that names it.</summary>
    public string File { get; }

    /// <summary>What kind of thing is unknown.</summary>
    public string Kind { get; }

    /// <summary>The name found.</summary>
    public string Found { get; }

    /// <summary>The names that are supported.</summary>
    public IReadOnlyList<string> Supported { get; }
}
