using System.Text.Json;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Data;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights;

/// <summary>Real files against each other: the same model in GGUF and in safetensors, whole and in parts, in several formats.</summary>
public sealed class StoriesDataTests
{
    private const int HeadDim = 8;

    private static string Model(string name) => TestData.Path("models", name);

    private static GgufFile Gguf(string name) => GgufFile.Open(Model(name));

    private static float[] Values(IWeightSource source, string name) => source.Find(name, default)!.ToArray();

    [DataTheory]
    [InlineData("stories260K.gguf", "F32", "F32")]
    [InlineData("stories260K-f16.gguf", "F16", "F16")]
    [InlineData("stories260K-bf16.gguf", "BF16", "BF16")]
    [InlineData("stories260K-q8_0.gguf", "Q8_0", "F16")]
    [InlineData("stories260K-q4_0.gguf", "Q4_0", "F16")]
    [InlineData("stories260K-q4_1.gguf", "Q4_1", "F16")]
    [InlineData("stories260K-q5_0.gguf", "Q5_0", "F16")]
    [InlineData("stories260K-q5_1.gguf", "Q5_1", "F16")]
    public void Every_gguf_file_opens_and_its_tensors_fill_it(string name, string type, string downType)
    {
        using GgufFile file = Gguf(name);

        file.Version.Should().Be(3);
        file.Architecture.Should().Be("llama");
        file.TensorInfos.Should().HaveCount(48);
        GgufTensorInfo Info(string tensor) => file.TensorInfos.Single(info => info.Name == tensor);
        Info("blk.4.attn_k.weight").Dimensions.Should().Equal(64, 32);
        Info("blk.4.ffn_down.weight").Dimensions.Should().Equal(172, 64);
        Info("blk.4.ffn_down.weight").TypeName.Should().Be(downType);
        Info("token_embd.weight").TypeName.Should().Be(type);
        Info("output_norm.weight").TypeName.Should().Be("F32");

        // Tensors in order, each at the next multiple of 32, and nothing behind the last but padding.
        long end = file.TensorInfos.Min(info => info.Offset);
        foreach (GgufTensorInfo info in file.TensorInfos.OrderBy(info => info.Offset))
        {
            info.Offset.Should().Be((end + 31) / 32 * 32);
            end = info.Offset + info.SizeInBytes!.Value;
        }
        new FileInfo(Model(name)).Length.Should().BeInRange(end, end + 31);
    }

    [DataFact]
    public void F32_gguf_equals_safetensors_but_for_the_order_of_q_and_k()
    {
        using IWeightSource gguf = GgufNames.Canonical(Gguf("stories260K.gguf"));
        using IWeightSource folder = HuggingFaceNames.Canonical(HuggingFaceFolder.Open(Model("stories260K-hf")));

        gguf.Names.Should().BeEquivalentTo([.. folder.Names, "lm_head.weight"]);
        Values(gguf, "lm_head.weight").Should().Equal(Values(gguf, "model.embed_tokens.weight"), "the safetensors are tied");
        int permuted = 0;
        foreach (string name in folder.Names)
        {
            Tensor tensor = gguf.Find(name, default)!;
            tensor.Shape.Should().Be(folder.Find(name, default)!.Shape, name);
            float[] expected = Values(folder, name);
            if (name.Contains("q_proj", StringComparison.Ordinal) || name.Contains("k_proj", StringComparison.Ordinal))
            {
                tensor.ToArray().Should().NotEqual(expected, name);
                expected = Interleave(expected, tensor.Shape);
                permuted++;
            }
            tensor.ToArray().Should().Equal(expected, name);
        }
        permuted.Should().Be(10);
    }

    /// <summary>Row (head, half, i) of the half-split layout is row (head, i, half) of the interleaved one.</summary>
    private static float[] Interleave(float[] values, TensorShape shape)
    {
        float[] result = new float[values.Length];
        for (int row = 0; row < shape.Rows; row++)
        {
            (int head, int within) = (row / HeadDim, row % HeadDim);
            int source = (head * HeadDim) + ((within % 2) * (HeadDim / 2)) + (within / 2);
            values.AsSpan(source * shape.Columns, shape.Columns).CopyTo(result.AsSpan(row * shape.Columns));
        }
        return result;
    }

    [DataFact]
    public void Gguf_and_config_json_agree_on_the_model()
    {
        using GgufFile gguf = Gguf("stories260K-f16.gguf");
        using HuggingFaceFolder folder = HuggingFaceFolder.Open(Model("stories260K-hf"));

        foreach (string key in (string[])["model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size", "max_position_embeddings", "bos_token_id", "eos_token_id"])
            gguf.Find(key).Should().Be(folder.Find(key), key).And.NotBeNull(key);
        gguf.OptionalNumber("rms_norm_eps").Should().BeApproximately(folder.Number("rms_norm_eps"), 1e-12);
        gguf.Find("rope_pairing").Should().Be("interleaved");
        folder.Find("rope_pairing").Should().Be("half");
        gguf.Find("tie_word_embeddings").Should().Be(false);
        folder.Find("tie_word_embeddings").Should().Be(true);
    }

    [DataFact]
    public void Sharded_equals_single()
    {
        using HuggingFaceFolder single = HuggingFaceFolder.Open(Model("stories260K-hf"));
        using HuggingFaceFolder sharded = HuggingFaceFolder.Open(Model("stories260K-hf-sharded"));

        sharded.Files.Should().HaveCount(3);
        sharded.Names.Should().BeEquivalentTo(single.Names);
        sharded.TensorInfos.Should().HaveSameCount(single.TensorInfos);
        foreach (string name in single.Names)
            Values(sharded, name).Should().Equal(Values(single, name), name);
    }

    [DataFact]
    public void Rounded_files_equal_the_rounded_originals()
    {
        using HuggingFaceFolder single = HuggingFaceFolder.Open(Model("stories260K-hf"));
        using HuggingFaceFolder brain = HuggingFaceFolder.Open(Model("stories260K-hf-bf16"));
        using GgufFile f32 = Gguf("stories260K.gguf");

        Check(single, brain, single.Names);
        foreach (string name in (string[])["stories260K-bf16.gguf", "stories260K-f16.gguf"])
        {
            using GgufFile rounded = Gguf(name);
            Check(f32, rounded, f32.Names);
        }

        static void Check(IWeightSource exact, IWeightSource rounded, IEnumerable<string> names)
        {
            foreach (string name in names)
            {
                Tensor tensor = rounded.Find(name, default)!;
                float[] values = Values(exact, name);
                byte[] bytes = new byte[tensor.SizeInBytes];
                tensor.Format.Encode(values, bytes);
                tensor.Open().Slice(0, bytes.Length).SequenceEqual(bytes).Should().BeTrue(name);
            }
        }
    }

    [DataTheory]
    [InlineData("stories260K-q8_0.gguf", 0.005f)]
    [InlineData("stories260K-q4_0.gguf", 0.15f)]
    public void Quantized_files_are_near_the_originals(string name, float tolerance)
    {
        using GgufFile exact = Gguf("stories260K.gguf");
        using GgufFile quantized = Gguf(name);

        foreach (string tensor in exact.Names)
        {
            float[] expected = Values(exact, tensor);
            float[] found = Values(quantized, tensor);
            float largest = expected.Max(Math.Abs);
            float error = expected.Zip(found, (e, f) => Math.Abs(e - f)).Max();
            error.Should().BeLessThan(tolerance * largest, tensor);
        }
    }

    [DataTheory]
    [InlineData("ggml-vocab-deepseek-llm.gguf", "llama", 102400L)]
    [InlineData("ggml-vocab-gpt-2.gguf", "gpt2", 50257L)]
    [InlineData("ggml-vocab-llama-spm.gguf", "llama", 32000L)]
    public void Vocabularies_open(string name, string architecture, long size)
    {
        string path = TestData.Path("golden", "vocab", name);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using GgufFile file = GgufFile.Open(path);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        file.Architecture.Should().Be(architecture);
        file.TensorInfos.Should().BeEmpty();
        file.Find("vocab_size").Should().Be(size);
        file.Find("tokenizer.ggml.tokens").Should().BeOfType<string[]>().Which.Should().HaveCount((int)size);
        file.Find("tokenizer.ggml.token_type").Should().BeOfType<long[]>().Which.Should().HaveCount((int)size);
        allocated.Should().BeLessThan((5 * new FileInfo(path).Length) + 100_000);
    }

    [DataFact]
    public void Gpt2_pieces_equal_those_cut_by_hand()
    {
        const int width = 48;
        HuggingFaceFolder folder = HuggingFaceFolder.Open(Model("gpt-nano-sort-hf"));
        using IWeightSource source = HuggingFaceNames.Canonical(folder);
        (Dictionary<string, (int[] Shape, float[] Values)> raw, string[] rawNames) = ReadByHand(Path.Combine(Model("gpt-nano-sort-hf"), "model.safetensors"));

        folder.Names.Should().BeEquivalentTo(rawNames);
        folder.Find("intermediate_size").Should().Be(192L);
        folder.Find("tie_word_embeddings").Should().Be(false);
        foreach (string name in rawNames)
            folder.Find(name, default)!.ToArray().Should().Equal(raw[name].Values, name);

        for (int layer = 0; layer < 3; layer++)
        {
            (int[] shape, float[] fused) = raw[$"transformer.h.{layer}.attn.c_attn.weight"];
            shape.Should().Equal(width, 3 * width);
            string[] parts = ["q_proj", "k_proj", "v_proj"];
            for (int part = 0; part < parts.Length; part++)
            {
                Tensor tensor = source.Find($"model.layers.{layer}.self_attn.{parts[part]}.weight", new TensorShape(width, width))!;
                tensor.Shape.Should().Be(new TensorShape(width, width));
                float[] expected = [.. from output in Enumerable.Range(0, width) from input in Enumerable.Range(0, width) select fused[(input * 3 * width) + (part * width) + output]];
                tensor.ToArray().Should().Equal(expected);
                Tensor bias = source.Find($"model.layers.{layer}.self_attn.{parts[part]}.bias", TensorShape.Vector(width))!;
                bias.ToArray().Should().Equal(raw[$"transformer.h.{layer}.attn.c_attn.bias"].Values[(part * width)..((part + 1) * width)]);
            }
            float[] up = raw[$"transformer.h.{layer}.mlp.c_fc.weight"].Values;
            source.Find($"model.layers.{layer}.mlp.up_proj.weight", new TensorShape(192, width))!.ToArray()
                .Should().Equal(from output in Enumerable.Range(0, 192) from input in Enumerable.Range(0, width) select up[(input * 192) + output]);
        }
        source.Names.Should().HaveCount(rawNames.Length + (3 * 4), "c_attn, weight and bias, is three tensors");
        source.Names.Should().OnlyContain(name => name.StartsWith("model.", StringComparison.Ordinal) || name == "lm_head.weight");
    }

    /// <summary>A reading of the format that shares nothing with the library's.</summary>
    private static (Dictionary<string, (int[] Shape, float[] Values)> Tensors, string[] Names) ReadByHand(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToInt64(bytes);
        using JsonDocument json = JsonDocument.Parse(bytes.AsMemory(8, header));
        Dictionary<string, (int[] Shape, float[] Values)> tensors = [];
        foreach (JsonProperty entry in json.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(item => item.GetInt32())];
            int[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(item => item.GetInt32())];
            float[] values = [.. Enumerable.Range(0, (offsets[1] - offsets[0]) / 4).Select(i => BitConverter.ToSingle(bytes, 8 + header + offsets[0] + (4 * i)))];
            tensors[entry.Name] = (shape, values);
        }
        return (tensors, [.. tensors.Keys]);
    }
}
