namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// What differs from family to family inside GGUF files and is told by the family's name alone: how the converter
/// ordered the rows of q and k, which norms a block has, what is fused, and what llama.cpp knows without a key.
/// Facts of the files, not of the models.
/// </summary>
internal static class GgufFamilies
{
    // Families for which llama.cpp rotates neighbours (LLAMA_ROPE_TYPE_NORM of llama_model_rope_type, src/llama-model.cpp;
    // names in src/llama-arch.cpp). Their converters reorder the rows of q and k where the original pairs halves.
    private static readonly HashSet<string> Interleaved =
    [
        "llama", "llada", "llama4", "llama-embed", "deci", "baichuan", "starcoder", "internlm2", "minicpm", "xverse",
        "command-r", "cohere2", "olmo", "arctic", "deepseek", "deepseek2", "deepseek2-ocr", "deepseek32", "plm", "chatglm",
        "glm4", "glm-dsa", "granite", "granitemoe", "granitehybrid", "chameleon", "bailingmoe", "neo-bert", "smollm3",
        "arcee", "ernie4_5", "ernie4_5-moe", "mistral3", "mistral4", "maincoder",
    ];

    // Norms called after what they stand behind: one behind the attention and one behind the feed-forward, with or without
    // those before; in gpt-oss it is the one before the feed-forward.
    private static readonly HashSet<string> PostNorm = ["gemma2", "gemma3", "olmo2", "article", "gpt-oss"];

    // Trained with YaRN's bounds between frequencies not rounded (truncate in config.json); GGUF has no key for it.
    private static readonly HashSet<string> FractionalYarn = ["gpt-oss"];

    // ffn_up holds the gate's rows and then its own (LLM_FFN_SEQ with LLM_FFN_SWIGLU in src/models/phi3.cpp).
    private static readonly HashSet<string> FusedGate = ["phi3"];

    /// <summary>True if <c>ffn_up</c> is gate and up in one.</summary>
    public static bool FusesGate(string architecture) => FusedGate.Contains(architecture);

    /// <summary>
    /// Gemma's largest models divide scores by √(width / heads) instead of √(head dim); there is no key for it, llama.cpp
    /// goes by the number of layers (load_arch_hparams in src/models/gemma2.cpp and gemma3.cpp).
    /// </summary>
    public static bool ScalesByWidth(string architecture, long layers) => (architecture, layers) is ("gemma2", 46) or ("gemma3", 62);

    /// <summary>How the family's files pair a head's values for the rotation: <c>interleaved</c> (2i, 2i+1) or <c>half</c> (i, i + n/2).</summary>
    public static string RopePairing(string architecture) => Interleaved.Contains(architecture) ? "interleaved" : "half";

    /// <summary>True if YaRN's bounds are whole numbers.</summary>
    public static bool TruncatesYarn(string architecture) => !FractionalYarn.Contains(architecture);

    /// <summary>True if a block has norms on the outputs of its two halves.</summary>
    public static bool HasPostNorms(string architecture) => PostNorm.Contains(architecture);
}
