using Transformer.Core.Parity.LlamaCpp;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Real vocabularies and texts, in the folder that the variable TRANSFORMER_DATA names.</summary>
internal static class VocabularyData
{
    private static readonly string? Root = Environment.GetEnvironmentVariable("TRANSFORMER_DATA");

    /// <summary>Why there are none, or null.</summary>
    public static string? WhyMissing => Directory.Exists(Root) ? null : "TRANSFORMER_DATA names no folder; see README, 'Test data'";

    public static string PathOf(params string[] parts) => Path.Combine([Root!, .. parts]);
}

/// <summary>A theory that needs real vocabularies and llama.cpp.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LlamaVocabularyTheoryAttribute : TheoryAttribute
{
    public LlamaVocabularyTheoryAttribute() => Skip = VocabularyData.WhyMissing ?? LlamaLibrary.WhyMissing;
}

/// <summary>A theory that needs real vocabularies and the Hugging Face tokenizers.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RustTheoryAttribute : TheoryAttribute
{
    public RustTheoryAttribute() => Skip = VocabularyData.WhyMissing ?? RustTokenizer.WhyMissing;
}
