namespace Transformer.Core;

/// <summary>
/// What a model file says about itself, whatever its format. Keys are those of Hugging Face's Llama
/// <c>config.json</c> (<c>hidden_size</c>, <c>num_attention_heads</c>, nested ones joined by dots:
/// <c>rope_scaling.factor</c>); readers translate. The file's own keys are found too.
/// </summary>
public interface IModelMetadata
{
    /// <summary>The file or folder named in messages.</summary>
    string Origin { get; }

    /// <summary>The family: <c>general.architecture</c> in GGUF, <c>model_type</c> in config.json.</summary>
    string Architecture { get; }

    /// <summary>Every key of the file in its own spelling.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>
    /// The value of a key, or null if the file does not have it: a <see cref="long"/>, <see cref="double"/>,
    /// <see cref="bool"/> or <see cref="string"/>, or an array of one of these (<c>long[]</c>, ...).
    /// </summary>
    object? Find(string key);
}
