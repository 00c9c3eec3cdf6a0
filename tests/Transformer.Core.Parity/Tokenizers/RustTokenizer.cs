namespace Transformer.Core.Parity.Tokenizers;

/// <summary>The Hugging Face tokenizers (Rust), which parse special tokens always. What a template puts before a text is taken off.</summary>
internal sealed class RustTokenizer : IDisposable
{
    private static readonly Lazy<string?> Loaded = new(Load);

    private readonly global::Tokenizers.DotNet.Tokenizer _tokenizer;

    public RustTokenizer(string path)
    {
        _tokenizer = new global::Tokenizers.DotNet.Tokenizer(path);
        Template = Array.ConvertAll(_tokenizer.Encode(""), id => (int)id);
    }

    /// <summary>The tokens that come before every text.</summary>
    public int[] Template { get; }

    /// <summary>Why they cannot be used here, or null: the package brings them for Linux on x64 only.</summary>
    public static string? WhyMissing => Loaded.Value;

    public int[] Encode(string text) => Array.ConvertAll(_tokenizer.Encode(text), id => (int)id)[Template.Length..];

    public void Dispose() => _tokenizer.Dispose();

    private static string? Load()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """{ "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [] } }""");
            using RustTokenizer tokenizer = new(path);
            return tokenizer.Encode("a") is [0] ? null : "the Hugging Face tokenizers do not work here";
        }
        catch (Exception exception)
        {
            return $"the Hugging Face tokenizers did not load: {exception.Message}";
        }
        finally
        {
            File.Delete(path);
        }
    }
}
