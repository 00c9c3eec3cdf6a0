using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>What is run.</summary>
/// <param name="Path">The model.</param>
/// <param name="Vocabulary">Its number of token ids.</param>
/// <param name="Flash">Flash attention in llama.cpp: on, off, or auto for the faster one.</param>
internal sealed record VersusSettings(string Path, int Vocabulary, int Threads, int Prefill, int Decode, int Pairs, string Flash)
{
    /// <summary>Tokens that a sequence must hold, in the steps in which llama.cpp rounds them anyway.</summary>
    public int Capacity { get; init; }

    /// <summary>Seconds to wait, in all, for other processes to leave the processors alone.</summary>
    public int Patience { get; init; }

    /// <summary>Shortens prompt and decode where the model's context does not hold them.</summary>
    public static VersusSettings Of(string path, int threads, int prefill, int decode, int pairs, string flash, int patience)
    {
        using GgufFile file = GgufFile.Open(path);
        IModelMetadata metadata = file;
        int context = metadata.Integer("max_position_embeddings");
        int vocabulary = metadata.Integer("vocab_size");
        if ((long)prefill + decode > context)
        {
            decode = Math.Clamp(decode, 1, context / 2);
            prefill = Math.Min(prefill, context - decode);
            Console.Error.WriteLine($"[the model's context is {context} tokens: --prefill {prefill} --decode {decode}]");
        }
        int capacity = Math.Min(context, (Math.Max(prefill + decode, 64) + 255) / 256 * 256);
        return new VersusSettings(path, vocabulary, threads, prefill, decode, pairs, flash) { Capacity = capacity, Patience = patience };
    }
}
