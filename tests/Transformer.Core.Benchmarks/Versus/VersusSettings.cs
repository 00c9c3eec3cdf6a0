using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>What is run.</summary>
/// <param name="Path">The model.</param>
/// <param name="Vocabulary">Its number of token ids.</param>
/// <param name="Depth">Tokens before the first decoded one; at least those of the prompt.</param>
/// <param name="KvCache"><c>f16</c> or <c>f32</c> in both engines, or <c>default</c>: each one's own.</param>
/// <param name="Flash">Flash attention in llama.cpp: on, off, or auto for the faster one.</param>
internal sealed record VersusSettings(string Path, int Vocabulary, int Threads, int Prefill, int Depth, int Decode, int Pairs, string KvCache, string Flash)
{
    /// <summary>Tokens that a sequence must hold, in the steps in which llama.cpp rounds them anyway.</summary>
    public int Capacity { get; init; }

    /// <summary>Tokens between the timed prompt and the first decoded one.</summary>
    public int Fill => Depth - Prefill;

    /// <summary>Seconds to wait, in all, for other processes to leave the processors alone.</summary>
    public int Patience { get; init; }

    /// <summary>Shortens prompt and decode where the model's context does not hold them.</summary>
    public static VersusSettings Of(string path, int threads, int prefill, int depth, int decode, int pairs, string kvCache, string flash, int patience)
    {
        using GgufFile file = GgufFile.Open(path);
        IModelMetadata metadata = file;
        int context = metadata.Integer("max_position_embeddings");
        int vocabulary = metadata.Integer("vocab_size");
        depth = Math.Max(depth, prefill);
        if ((long)depth + decode > context)
        {
            decode = Math.Clamp(decode, 1, context / 2);
            depth = Math.Min(depth, context - decode);
            prefill = Math.Min(prefill, depth);
            Console.Error.WriteLine($"[the model's context is {context} tokens: --prefill {prefill} --depth {depth} --decode {decode}]");
        }
        int capacity = Math.Min(context, (Math.Max(depth + decode, 64) + 255) / 256 * 256);
        return new VersusSettings(path, vocabulary, threads, prefill, depth, decode, pairs, kvCache, flash) { Capacity = capacity, Patience = patience };
    }
}
