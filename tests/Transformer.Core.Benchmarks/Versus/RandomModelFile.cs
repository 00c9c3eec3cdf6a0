using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>
/// A GGUF file with random weights at a real shape, such as both engines load: no vocabulary, the output tied to the
/// embedding. Weights are made a few rows at a time, so the model need not fit into memory.
/// </summary>
internal sealed class RandomModelFile
{
    private const int RowsAtATime = 64;

    // DeepSeek's widths
    private const int Rank = 512;
    private const int QueryRank = 256;
    private const int Rotated = 64;
    private const int HeadDim = 128;

    private readonly ModelShape _shape;
    private readonly Storage _storage;
    private readonly GgufWriter _writer = new();
    private readonly RandomWeights _weights;

    private RandomModelFile(ModelShape shape, Storage storage)
    {
        _shape = shape;
        _storage = storage;
        _weights = new RandomWeights(1);
    }

    /// <summary>Writes the file unless it is there already.</summary>
    /// <returns>Its path.</returns>
    public static string Ensure(string folder, ModelShape shape, string format)
    {
        Storage storage = Storage.Of(format, shape);
        string path = Path.Combine(folder, $"{shape.Name}-{format.ToLowerInvariant()}.gguf");
        if (File.Exists(path))
            return path;
        Directory.CreateDirectory(folder);
        Console.Error.WriteLine($"[writing {path}]");
        RandomModelFile file = new(shape, storage);
        file.AddMetadata();
        file.AddTensors();
        file._writer.Save(path);
        return path;
    }

    private void AddMetadata()
    {
        string family = _shape.Architecture;
        _writer
            .Set("general.architecture", family)
            .Set("general.name", $"random {_shape.Name}")
            .Set("general.file_type", _storage.FileType)
            .Set("general.quantization_version", 2u)
            .Set($"{family}.context_length", (uint)_shape.Context)
            .Set($"{family}.embedding_length", (uint)_shape.Hidden)
            .Set($"{family}.block_count", (uint)_shape.Layers)
            .Set($"{family}.feed_forward_length", (uint)_shape.FeedForward)
            .Set($"{family}.attention.head_count", (uint)_shape.Heads)
            .Set($"{family}.attention.head_count_kv", (uint)_shape.KvHeads)
            .Set($"{family}.vocab_size", (uint)_shape.Vocabulary)
            .Set("tokenizer.ggml.model", "no_vocab");
        if (family == "gpt2")
        {
            _writer.Set("gpt2.attention.layer_norm_epsilon", 1e-5f);
            return;
        }
        bool latent = family == "deepseek2";
        if (latent)
        {
            // No experts: every layer is one of the dense ones that come first.
            _writer
                .Set("deepseek2.leading_dense_block_count", (uint)_shape.Layers)
                .Set("deepseek2.attention.q_lora_rank", (uint)QueryRank)
                .Set("deepseek2.attention.kv_lora_rank", (uint)Rank)
                .Set("deepseek2.attention.key_length", (uint)(Rank + Rotated))
                .Set("deepseek2.attention.value_length", (uint)Rank)
                .Set("deepseek2.attention.key_length_mla", (uint)(HeadDim + Rotated))
                .Set("deepseek2.attention.value_length_mla", (uint)HeadDim)
                .Set("deepseek2.expert_count", 4u)
                .Set("deepseek2.expert_used_count", 2u)
                .Set("deepseek2.expert_feed_forward_length", 32u)
                .Set("deepseek2.expert_shared_count", 1u)
                .Set("deepseek2.expert_weights_scale", 1f)
                .Set("deepseek2.expert_gating_func", 1u);
        }
        _writer
            .Set($"{family}.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set($"{family}.rope.dimension_count", (uint)(latent ? Rotated : _shape.HeadDim))
            .Set($"{family}.rope.freq_base", _shape.RopeBase);
    }

    private void AddTensors()
    {
        Matrix("token_embd.weight", _shape.Vocabulary, _shape.Hidden);
        bool gpt2 = _shape.Architecture == "gpt2";

        // llama.cpp's quantizer leaves positions in F32, too.
        if (gpt2)
            Rows("position_embd.weight", new TensorShape(_shape.Context, _shape.Hidden), WeightFormat.Float32);
        for (int layer = 0; layer < _shape.Layers; layer++)
        {
            if (gpt2)
                Gpt2Layer($"blk.{layer}.");
            else if (_shape.Architecture == "deepseek2")
                LatentLayer($"blk.{layer}.");
            else
                LlamaLayer($"blk.{layer}.");
        }
        Norm("output_norm", gpt2);
        if (_shape.Architecture == "deepseek2")
            Matrix("output.weight", _shape.Vocabulary, _shape.Hidden);
    }

    private void LatentLayer(string prefix)
    {
        Norm(prefix + "attn_norm", bias: false);
        Matrix(prefix + "attn_q_a.weight", QueryRank, _shape.Hidden);
        Norm(prefix + "attn_q_a_norm", bias: false, QueryRank);
        Matrix(prefix + "attn_q_b.weight", _shape.Heads * (HeadDim + Rotated), QueryRank);
        Matrix(prefix + "attn_kv_a_mqa.weight", Rank + Rotated, _shape.Hidden);
        Norm(prefix + "attn_kv_a_norm", bias: false, Rank);
        Rows(prefix + "attn_k_b.weight", new TensorShape(Rank, HeadDim, _shape.Heads), _storage.Choose(prefix + "attn_k_b.weight", Rank, HeadDim));
        Rows(prefix + "attn_v_b.weight", new TensorShape(HeadDim, Rank, _shape.Heads), _storage.Choose(prefix + "attn_v_b.weight", HeadDim, Rank));
        Matrix(prefix + "attn_output.weight", _shape.Hidden, _shape.Heads * HeadDim);
        FeedForward(prefix);
    }

    private void Gpt2Layer(string prefix)
    {
        Norm(prefix + "attn_norm", bias: true);
        Linear(prefix + "attn_qkv", 3 * _shape.Hidden, _shape.Hidden);
        Linear(prefix + "attn_output", _shape.Hidden, _shape.Hidden);
        Norm(prefix + "ffn_norm", bias: true);
        Linear(prefix + "ffn_up", _shape.FeedForward, _shape.Hidden);
        Linear(prefix + "ffn_down", _shape.Hidden, _shape.FeedForward);
    }

    private void LlamaLayer(string prefix)
    {
        Norm(prefix + "attn_norm", bias: false);
        Matrix(prefix + "attn_q.weight", _shape.Hidden, _shape.Hidden);
        Matrix(prefix + "attn_k.weight", _shape.KvWidth, _shape.Hidden);
        Matrix(prefix + "attn_v.weight", _shape.KvWidth, _shape.Hidden);
        Matrix(prefix + "attn_output.weight", _shape.Hidden, _shape.Hidden);
        FeedForward(prefix);
    }

    private void FeedForward(string prefix)
    {
        Norm(prefix + "ffn_norm", bias: false);
        Matrix(prefix + "ffn_gate.weight", _shape.FeedForward, _shape.Hidden);
        Matrix(prefix + "ffn_up.weight", _shape.FeedForward, _shape.Hidden);
        Matrix(prefix + "ffn_down.weight", _shape.Hidden, _shape.FeedForward);
    }

    private void Norm(string name, bool bias, int? width = null)
    {
        float[] ones = new float[width ?? _shape.Hidden];
        ones.AsSpan().Fill(1);
        _writer.Add(name + ".weight", TensorShape.Vector(ones.Length), WeightFormat.Float32, ones);
        if (bias)
            Rows(name + ".bias", TensorShape.Vector(_shape.Hidden), WeightFormat.Float32);
    }

    private void Linear(string name, int outputs, int inputs)
    {
        Matrix(name + ".weight", outputs, inputs);
        Rows(name + ".bias", TensorShape.Vector(outputs), WeightFormat.Float32);
    }

    private void Matrix(string name, int rows, int columns) => Rows(name, new TensorShape(rows, columns), _storage.Choose(name, rows, columns));

    private void Rows(string name, TensorShape shape, WeightFormat format)
    {
        float[]? chunk = null;
        byte[]? encoded = null;
        int rowBytes = (int)format.BytesFor(shape.Columns);
        _writer.Add(name, shape, format, (row, bytes) =>
        {
            // Always whole chunks: a matrix of a single row would count as a vector, which RandomWeights leaves at zero.
            int within = (int)(row % RowsAtATime);
            if (within == 0)
            {
                chunk = _weights.Find($"{name}/{row}", new TensorShape(RowsAtATime, shape.Columns))!.ToArray();
                encoded ??= new byte[RowsAtATime * rowBytes];
                Parallel.For(0, RowsAtATime, i => format.Encode(chunk.AsSpan(i * shape.Columns, shape.Columns), encoded.AsSpan(i * rowBytes, rowBytes)));
            }
            encoded.AsSpan(within * rowBytes, rowBytes).CopyTo(bytes);
            if (row == ((long)shape.Rows * shape.Count) - 1)
                chunk = null;
        });
    }
}
