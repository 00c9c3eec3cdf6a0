using LLama.Native;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>llama.cpp through LLamaSharp's thin native layer: token ids in, logits out.</summary>
internal sealed class LlamaEngine : IEngine
{
    private const int BatchSize = 512;

    private readonly SafeLlamaModelHandle _model;
    private readonly VersusSettings _settings;
    private readonly LLamaBatch _batch = new();
    private SafeLLamaContextHandle _context;
    private int _length;

    public LlamaEngine(VersusSettings settings, bool flash)
    {
        LlamaLibrary.Load();
        _settings = settings;
        Capacity = settings.Capacity;
        LLamaModelParams parameters = LLamaModelParams.Default();
        parameters.n_gpu_layers = 0;
        _model = SafeLlamaModelHandle.LoadFromFile(settings.Path, parameters);
        _context = CreateContext(flash);
    }

    public int Capacity { get; }

    /// <summary>Goes on with a new, empty context.</summary>
    public void UseFlashAttention(bool flash)
    {
        _context.Dispose();
        _context = CreateContext(flash);
    }

    public void Clear()
    {
        _context.MemoryClear(true);
        _length = 0;
    }

    public ReadOnlySpan<float> Forward(ReadOnlySpan<int> tokens)
    {
        int last = 0;
        while (!tokens.IsEmpty)
        {
            int count = Math.Min(tokens.Length, BatchSize);
            _batch.Clear();
            for (int i = 0; i < count; i++)
                last = _batch.Add(tokens[i], _length + i, LLamaSeqId.Zero, logits: i == tokens.Length - 1);
            DecodeResult result = _context.Decode(_batch);
            if (result != DecodeResult.Ok)
                throw new InvalidOperationException($"llama.cpp: {result}.{Environment.NewLine}{LlamaLibrary.Log}");
            _length += count;
            tokens = tokens[count..];
        }
        return _context.GetLogitsIth(last);
    }

    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    private SafeLLamaContextHandle CreateContext(bool flash)
    {
        LLamaContextParams parameters = LLamaContextParams.Default();
        parameters.n_ctx = (uint)Capacity;
        parameters.n_batch = BatchSize;
        parameters.n_ubatch = BatchSize;
        parameters.n_seq_max = 1;
        parameters.n_threads = _settings.Threads;
        parameters.n_threads_batch = _settings.Threads;
        parameters.no_perf = true;
        if (_settings.KvCache == "f32")
            parameters.type_k = parameters.type_v = GGMLType.GGML_TYPE_F32;
        parameters.llama_flash_attn_type = flash
            ? LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_ENABLED
            : LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
        _length = 0;
        return SafeLLamaContextHandle.Create(_model, parameters);
    }
}
