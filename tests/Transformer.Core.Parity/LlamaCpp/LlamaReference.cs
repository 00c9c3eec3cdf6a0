using LLama.Native;

namespace Transformer.Core.Parity.LlamaCpp;

/// <summary>A file in llama.cpp: CPU, F32 cache, no flash attention.</summary>
internal sealed class LlamaReference : IDisposable
{
    private readonly SafeLlamaModelHandle _model;
    private readonly SafeLLamaContextHandle _context;
    private readonly LLamaBatch _batch = new();
    private int _length;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="contextLength">Tokens of the context; some families choose their positions by it.</param>
    public LlamaReference(string path, int contextLength)
    {
        LLamaModelParams model = LLamaModelParams.Default();
        model.n_gpu_layers = 0;
        LLamaContextParams context = LLamaContextParams.Default();
        context.n_ctx = (uint)contextLength;
        context.n_batch = context.n_ubatch = 512;
        context.n_seq_max = 1;
        context.n_threads = context.n_threads_batch = 1;
        context.type_k = context.type_v = GGMLType.GGML_TYPE_F32;
        context.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
        try
        {
            _model = SafeLlamaModelHandle.LoadFromFile(path, model);
            _context = SafeLLamaContextHandle.Create(_model, context);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"llama.cpp does not load {path}: {exception.Message}{Environment.NewLine}{LlamaLibrary.Log}", exception);
        }
    }

    /// <summary>The logits after each of some tokens.</summary>
    public float[][] Forward(ReadOnlySpan<int> tokens)
    {
        _batch.Clear();
        foreach (int token in tokens)
            _batch.Add(token, _length++, LLamaSeqId.Zero, logits: true);
        DecodeResult result = _context.Decode(_batch);
        if (result != DecodeResult.Ok)
            throw new InvalidOperationException($"llama.cpp: {result}.{Environment.NewLine}{LlamaLibrary.Log}");
        float[][] logits = new float[tokens.Length][];
        for (int i = 0; i < logits.Length; i++)
            logits[i] = _context.GetLogitsIth(i).ToArray();
        return logits;
    }

    /// <summary>As <see cref="Support.OurModel.Greedy"/>.</summary>
    public float[][] Greedy(float[] afterPrompt, int count)
    {
        float[][] logits = new float[count][];
        logits[0] = afterPrompt;
        for (int i = 1; i < count; i++)
            logits[i] = Forward([Support.Logits.ArgMax(logits[i - 1])])[0];
        return logits;
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }
}
