using System.Text.RegularExpressions;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;
using Transformer.Core.Tests.Weights;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;
using Xunit.Abstractions;

namespace Transformer.Core.Tests.Golden;

/// <summary>The same weights out of a Hugging Face folder and out of a GGUF file of ours.</summary>
public partial class GgufConversionTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("article-tiny", "relu")]
    [InlineData("article-28x4", "gelu")]
    [InlineData("gpt2-tiny", null)]
    public void Logits_do_not_depend_on_the_file_s_format(string name, string? activation)
    {
        using TemporaryFolder folder = new();
        string family = name.Split('-')[0];
        TransformerBuilder original = TransformerBuilder.FromPretrained(Reference.Folder(name));
        GgufWriter writer = Header(original.Describe(), family, heads: name == "article-tiny" ? 2 : name == "gpt2-tiny" ? 3 : 28)
            .Set($"{family}.attention.layer_norm_epsilon", 1e-5f);
        if (activation is not null)
            writer.Set($"{family}.hidden_act", activation);
        foreach (Tensor tensor in Tensors(original))
            writer.Add(Name(tensor.Name, family), tensor);
        writer.Save(folder.File("model.gguf"));

        int[] tokens = Reference.Logits(name).Tokens;
        float[] converted = TransformerBuilder.FromGguf(folder.File("model.gguf")).Build().AllLogits(tokens);
        converted.Should().Equal(original.Build().AllLogits(tokens), "neither a value nor an order of summation is another");
    }

    [Theory]
    [InlineData("llama-tiny", 8, false)]
    [InlineData("llama-tiny-llama3", 16, true)]
    public void Llama_s_rotary_pairs_follow_the_file(string name, int headDim, bool scaled)
    {
        using TemporaryFolder folder = new();
        TransformerBuilder original = TransformerBuilder.FromPretrained(Reference.Folder(name));
        GgufWriter writer = Header(original.Describe(), "llama", heads: 6)
            .Set("llama.attention.head_count_kv", 2u)
            .Set("llama.attention.key_length", (uint)headDim)
            .Set("llama.rope.dimension_count", (uint)headDim)
            .Set("llama.rope.freq_base", 10000f)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        if (scaled)
            writer.Add("rope_freqs.weight", TensorShape.Vector(headDim / 2), WeightFormat.Float32, Divisors(headDim));
        foreach (Tensor tensor in Tensors(original))
        {
            // GGUF files of this family pair neighbours, so a converter has to move the rows of q and k.
            if (tensor.Name.Contains("q_proj") || tensor.Name.Contains("k_proj"))
                writer.Add(Name(tensor.Name, "llama"), tensor.Shape, tensor.Format, Interleave(tensor, headDim));
            else
                writer.Add(Name(tensor.Name, "llama"), tensor);
        }
        writer.Save(folder.File("model.gguf"));

        (int[] tokens, float[] expected) = Reference.Logits(name);
        float[] converted = TransformerBuilder.FromGguf(folder.File("model.gguf")).Build().AllLogits(tokens);
        double difference = Difference.Relative(converted, original.Build().AllLogits(tokens));
        output.WriteLine($"{name}: to the folder's {difference:e2}, to PyTorch {Difference.Relative(converted, expected):e2}");
        difference.Should().BeLessThan(1e-5);
        Difference.Relative(converted, expected).Should().BeLessThan(1e-4);
    }

    private static GgufWriter Header(ModelDescription model, string family, int heads) => new GgufWriter()
        .Set("general.architecture", family)
        .Set($"{family}.vocab_size", (uint)model.VocabSize)
        .Set($"{family}.context_length", (uint)model.ContextLength)
        .Set($"{family}.embedding_length", (uint)model.HiddenSize)
        .Set($"{family}.block_count", (uint)model.Layers)
        .Set($"{family}.attention.head_count", (uint)heads)
        .Set($"{family}.feed_forward_length", (uint)model.Components.SelectMany(c => c.Tensors).First(t => t.Name.EndsWith("up_proj.weight")).Shape.Rows);

    private static IEnumerable<Tensor> Tensors(TransformerBuilder builder) => builder.Describe().Components.SelectMany(component => component.Tensors);

    private static float[] Divisors(int headDim)
    {
        double[] stretched = new RopeScaling.Llama3(8, 1, 4, 32).Frequencies(headDim, 10000);
        return [.. RopeScaling.Plain(headDim, 10000).Zip(stretched, (plain, slow) => (float)(plain / slow))];
    }

    private static float[] Interleave(Tensor tensor, int headDim)
    {
        float[] rows = tensor.ToArray();
        float[] moved = new float[rows.Length];
        for (int row = 0; row < tensor.Shape.Rows; row++)
        {
            (int head, int feature) = (row / headDim, row % headDim);
            int half = headDim / 2;
            int target = (head * headDim) + (2 * (feature % half)) + (feature / half);
            rows.AsSpan(row * tensor.Shape.Columns, tensor.Shape.Columns).CopyTo(moved.AsSpan(target * tensor.Shape.Columns));
        }
        return moved;
    }

    private static string Name(string canonical, string family)
    {
        Match layer = LayerName().Match(canonical);
        if (!layer.Success)
            return canonical.Replace("model.embed_tokens", "token_embd").Replace("model.embed_positions", "position_embd").Replace("model.norm", "output_norm").Replace("lm_head", "output");
        string part = layer.Groups["part"].Value switch
        {
            "self_attn.o_proj" => "attn_output",
            "input_layernorm" => "attn_norm",
            "post_attention_layernorm" => family == "article" ? "post_attention_norm" : "ffn_norm",
            "post_feedforward_layernorm" => "post_ffw_norm",
            string other => other.Replace("self_attn.", "attn_").Replace("mlp.", "ffn_").Replace("_proj", ""),
        };
        return $"blk.{layer.Groups["layer"]}.{part}.{layer.Groups["kind"]}";
    }

    [GeneratedRegex(@"^model\.layers\.(?<layer>\d+)\.(?<part>.*)\.(?<kind>weight|bias)$")]
    private static partial Regex LayerName();
}
