namespace Transformer.Core.Tokenization;

/// <summary>Makes tokenizers from what models bring along, or from OpenAI's public encodings.</summary>
/// <remarks>Every tokenizer made here is immutable: one instance may serve any number of threads.</remarks>
public static class TokenizerLoader
{
    /// <summary>Whether a model file brings a vocabulary (GGUF files of models without text do not).</summary>
    /// <param name="metadata">The metadata of a GGUF file.</param>
    public static bool HasVocabulary(IModelMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return MetadataLoader.HasVocabulary(metadata);
    }

    /// <summary>Whether a Hugging Face folder brings a <c>tokenizer.json</c>.</summary>
    /// <param name="folder">The folder of the model.</param>
    public static bool HasVocabulary(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return File.Exists(Path.Combine(folder, HuggingFaceLoader.FileName));
    }

    /// <summary>
    /// The tokenizer of a GGUF file, from its keys <c>tokenizer.ggml.*</c>: byte-level BPE (<c>gpt2</c>), SentencePiece
    /// (<c>llama</c>), or merges over escaped spaces (<c>gemma4</c>). See the GGUF specification for the keys.
    /// </summary>
    /// <param name="metadata">The metadata of the file, in its own spelling of keys.</param>
    /// <exception cref="ModelFileException">There is no vocabulary, a key is missing or of the wrong kind or length, a merge names an unknown token, or an id is out of range.</exception>
    /// <exception cref="UnsupportedModelException">The kind of tokenizer, or of pre-tokenizer (<c>tokenizer.ggml.pre</c>), is not supported.</exception>
    public static ITokenizer FromMetadata(IModelMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return MetadataLoader.Load(metadata);
    }

    /// <summary>
    /// The tokenizer of a Hugging Face folder, from <c>tokenizer.json</c>: byte-level BPE with the file's own patterns, or
    /// BPE over escaped spaces with byte fallback (Llama 2, Gemma). <c>tokenizer_config.json</c>, <c>config.json</c> and
    /// <c>generation_config.json</c> are read for the beginning and the ends of a text where they exist.
    /// </summary>
    /// <param name="folder">The folder of the model.</param>
    /// <exception cref="ModelFileException">A file is missing or damaged, a merge names an unknown token, or an id is out of range.</exception>
    /// <exception cref="UnsupportedModelException">The file uses a model, normalizer or pre-tokenizer that is not supported.</exception>
    public static ITokenizer FromHuggingFace(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return HuggingFaceLoader.Load(folder);
    }

    /// <summary>
    /// A public encoding of OpenAI: <c>gpt2</c>, <c>r50k_base</c>, <c>p50k_base</c>, <c>p50k_edit</c>, <c>cl100k_base</c> or
    /// <c>o200k_base</c>. The application adds the package with its data, such as
    /// <c>Microsoft.ML.Tokenizers.Data.Cl100kBase</c>; this library does not depend on it.
    /// </summary>
    /// <param name="encodingName">The name of the encoding.</param>
    /// <exception cref="ModelFileException">The data package is missing; the message names it.</exception>
    /// <exception cref="UnsupportedModelException">There is no such encoding.</exception>
    public static ITokenizer FromTiktoken(string encodingName)
    {
        ArgumentException.ThrowIfNullOrEmpty(encodingName);
        return TiktokenLoader.Load(encodingName);
    }

    /// <summary>An encoding from a <c>.tiktoken</c> file (a token in base64 and its rank a line), as OpenAI publishes them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encodingName">The encoding whose pattern and special tokens hold, see <see cref="FromTiktoken"/>.</param>
    /// <exception cref="ModelFileException">The file is missing or damaged, or has a rank twice.</exception>
    /// <exception cref="UnsupportedModelException">There is no such encoding.</exception>
    public static ITokenizer FromTiktokenFile(string path, string encodingName)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(encodingName);
        return TiktokenLoader.LoadFile(path, encodingName);
    }
}
