using LLama.Native;
using Transformer.Core.Parity.LlamaCpp;

namespace Transformer.Core.Parity.Sampling;

/// <summary>A chain of llama.cpp's samplers, and what it leaves of some logits.</summary>
internal sealed class LlamaChain : IDisposable
{
    private readonly SafeLLamaSamplerChainHandle _chain;

    public LlamaChain(Action<SafeLLamaSamplerChainHandle> add)
    {
        if (LlamaLibrary.WhyMissing is { } why)
            throw new InvalidOperationException(why);
        _chain = SafeLLamaSamplerChainHandle.Create(LLamaSamplerChainParams.Default());
        add(_chain);
    }

    /// <summary>Adds a token to the text so far.</summary>
    public void Accept(int token) => _chain.Accept(token);

    /// <summary>The tokens left with their logits, and the token chosen, if the chain ends with a choice.</summary>
    public (Dictionary<int, float> Left, int? Chosen) Apply(float[] logits)
    {
        using System.Buffers.MemoryHandle pin = LLamaTokenDataArrayNative.Create(LLamaTokenDataArray.Create(logits), out LLamaTokenDataArrayNative candidates);
        _chain.Apply(ref candidates);
        Dictionary<int, float> left = [];
        foreach (LLamaTokenData token in candidates.Data)
            if (token.Logit != float.NegativeInfinity)
                left[(int)token.ID] = token.Logit;
        return (left, candidates.Selected >= 0 ? (int)candidates.Data[(int)candidates.Selected].ID : null);
    }

    public void Dispose() => _chain.Dispose();
}
