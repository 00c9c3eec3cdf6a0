namespace Transformer.Core.Numerics.Kernels;

/// <summary>Which two values of a head vector rotary positions turn together. It is a fact of the weights: a file's q and k rows are ordered for one of the two.</summary>
public enum RopePairing
{
    /// <summary>Neighbours: (0, 1), (2, 3), ... As in the paper, Meta's Llama checkpoints and their GGUF files (ggml's <c>NORM</c>).</summary>
    Interleaved,

    /// <summary>Halves of the d rotated values: (0, d/2), (1, d/2 + 1), ... As in GPT-NeoX and Hugging Face checkpoints (ggml's <c>NEOX</c>).</summary>
    HalfSplit,
}
