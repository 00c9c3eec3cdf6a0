using LLama.Native;
using Transformer.Core.Parity.Tokenizers;

namespace Transformer.Core.Parity.Sampling;

/// <summary>Vectors of texts are llama.cpp's.</summary>
public class EmbeddingParityTests
{
    [LlamaVocabularyTheory]
    [InlineData(EmbeddingPooling.Mean, LLamaPoolingType.Mean)]
    [InlineData(EmbeddingPooling.Last, LLamaPoolingType.Last)]
    public void Pooled_states_are_llama_cpp_s(EmbeddingPooling pooling, LLamaPoolingType theirs)
    {
        string path = VocabularyData.PathOf("models", "stories260K.gguf");
        TransformerModel model = ModelLoader.Open(path).Build();
        TextEmbedder embedder = new(model, pooling: pooling, normalize: false);
        foreach (string text in (string[])["Once upon a time", "Lily liked to play in the park with her big red ball. One day she met a dog.", "a"])
        {
            int[] tokens = model.Tokenizer!.Encode(text);
            embedder.Embed(text).Should().Equal(Theirs(path, theirs, tokens), (a, b) => Math.Abs(a - b) < 1e-4f);
        }
    }

    private static float[] Theirs(string path, LLamaPoolingType pooling, int[] tokens)
    {
        LLamaModelParams parameters = LLamaModelParams.Default();
        parameters.n_gpu_layers = 0;
        LLamaContextParams context = LLamaContextParams.Default();
        context.n_ctx = 512;
        context.n_batch = context.n_ubatch = 512;
        context.n_threads = context.n_threads_batch = 1;
        context.embeddings = true;
        context.llama_pooling_type = pooling;
        context.type_k = context.type_v = GGMLType.GGML_TYPE_F32;
        context.llama_flash_attn_type = LLamaFlashAttentionType.LLAMA_FLASH_ATTENTION_TYPE_DISABLED;
        using SafeLlamaModelHandle model = SafeLlamaModelHandle.LoadFromFile(path, parameters);
        using SafeLLamaContextHandle session = SafeLLamaContextHandle.Create(model, context);
        LLamaBatch batch = new();
        for (int i = 0; i < tokens.Length; i++)
            batch.Add(tokens[i], i, LLamaSeqId.Zero, logits: true);
        session.Decode(batch).Should().Be(DecodeResult.Ok);
        return session.GetEmbeddingsSeq(LLamaSeqId.Zero).ToArray();
    }
}
