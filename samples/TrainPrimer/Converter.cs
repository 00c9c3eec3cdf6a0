using Transformer.Core;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace TrainPrimer;

/// <summary>Writes a model of the article's architecture as GGUF: metadata, vocabulary, tensors as they are stored.</summary>
internal static class Converter
{
    private const string Family = "article";

    // How GGUF calls the parts of a post-norm layer: the table that the library's reader has, the other way round.
    private static readonly (string HuggingFace, string Gguf)[] Names =
    [
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("lm_head", "output"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("post_attention_layernorm", "post_attention_norm"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
        ("post_feedforward_layernorm", "post_ffw_norm"),
    ];

    public static void Convert(string folder, string file)
    {
        using HuggingFaceFolder model = HuggingFaceFolder.Open(folder);
        if (model.Architecture != Family)
            throw new ModelFileException(Path.Combine(folder, "config.json"), "model_type", Family, model.Architecture);
        GgufWriter writer = new();
        SetMetadata(writer, model);
        Vocabulary.Read(folder)?.WriteTo(writer);
        foreach (SafetensorsTensorInfo info in model.TensorInfos)
        {
            TensorShape shape = info.Dimensions.Count == 1 ? TensorShape.Vector((int)info.Dimensions[0]) : new((int)info.Dimensions[0], (int)info.Dimensions[1]);
            writer.Add(GgufName(folder, info.Name), model.Find(info.Name, shape)!);
        }
        writer.Save(file);
    }

    private static void SetMetadata(GgufWriter writer, HuggingFaceFolder model)
    {
        writer
            .Set("general.architecture", Family)
            .Set("general.type", "model")
            .Set("general.name", "primer")
            .Set("general.license", "mit")
            .Set($"{Family}.vocab_size", Size("vocab_size"))
            .Set($"{Family}.context_length", Size("max_position_embeddings"))
            .Set($"{Family}.embedding_length", Size("hidden_size"))
            .Set($"{Family}.block_count", Size("num_hidden_layers"))
            .Set($"{Family}.feed_forward_length", Size("intermediate_size"))
            .Set($"{Family}.attention.head_count", Size("num_attention_heads"))
            .Set($"{Family}.attention.layer_norm_epsilon", (float)model.Number("layer_norm_eps"))

            // GGUF has no keys for these two: ours.
            .Set($"{Family}.hidden_act", model.OptionalText("hidden_act") ?? "gelu")
            .Set($"{Family}.hidden_dropout_prob", (float)(model.OptionalNumber("hidden_dropout_prob") ?? 0.1));

        uint Size(string key) => (uint)model.Integer(key);
    }

    private static string GgufName(string folder, string name)
    {
        string[] parts = name.Split('.');
        bool inLayer = parts is ["model", "layers", _, ..];
        string part = string.Join('.', inLayer ? parts[3..^1] : parts[..^1]);
        foreach ((string huggingFace, string gguf) in Names)
        {
            if (huggingFace == part)
                return $"{(inLayer ? $"blk.{parts[2]}." : "")}{gguf}.{parts[^1]}";
        }
        throw new ModelFileException(folder, $"tensor '{name}'", "a part of the article's decoder", "a name that it does not have");
    }
}
