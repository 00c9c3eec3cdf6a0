using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private GgufFile Open(GgufBytes bytes) => GgufFile.Open(_folder.Write("model.gguf", bytes.ToArray()));

    [Theory]
    [InlineData("a.u8", 200L)]
    [InlineData("a.i8", -56L)]
    [InlineData("a.u16", 60000L)]
    [InlineData("a.i16", -2L)]
    [InlineData("llama.block_count", 1L)]
    [InlineData("a.i32", -3L)]
    [InlineData("a.u64", 5_000_000_000L)]
    [InlineData("a.u64.huge", 18446744073709551615.0)]
    [InlineData("a.i64", -5_000_000_000L)]
    [InlineData("llama.rope.freq_base", 10000.0)]
    [InlineData("a.f64", 0.1)]
    [InlineData("a.bool", true)]
    [InlineData("general.architecture", "llama")]
    [InlineData("a.floats", new[] { 0.5, -1.0 })]
    [InlineData("a.ints", new[] { 7L, -7L })]
    [InlineData("a.bools", new[] { true, false })]
    [InlineData("a.bytes", new[] { 1L, 2L, 255L })]
    [InlineData("a.none", new long[0])]
    [InlineData("tokenizer.ggml.tokens", new[] { "a", "日本", "" })]
    public void Gives_every_kind_of_value(string key, object expected)
    {
        using GgufFile file = Open(GgufBytes.Small());

        object? value = file.Find(key);

        value.Should().BeOfType(expected.GetType());
        value.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
    }

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Lists_keys_and_tensors_in_the_order_of_the_file(uint version)
    {
        GgufBytes bytes = GgufBytes.Small();
        bytes.Version = version;
        using GgufFile file = Open(bytes);

        file.Version.Should().Be((int)version);
        file.Architecture.Should().Be("llama");
        file.Keys.Should().StartWith(["general.architecture", "llama.block_count"]).And.HaveCount(20);
        file.TensorInfos.Select(info => (info.Name, info.TypeName, info.SizeInBytes)).Should().Equal(
            ("token_embd.weight", "F32", 48),
            ("blk.0.attn_norm.weight", "F32", 16),
            ("blk.0.ffn_up.weight", "Q8_0", 68),
            ("blk.0.ffn_gate_exps.weight", "F16", 16),
            ("blk.0.ffn_down.weight", "IQ2_XXS", 66));
        file.TensorInfos[0].Dimensions.Should().Equal(4, 3);
        file.TensorInfos.Should().OnlyContain(info => info.Offset % 32 == 0 && info.File == file.Origin);
        file.Names.Should().Equal(file.TensorInfos.Select(info => info.Name));
    }

    [Fact]
    public void Gives_tensors_with_the_innermost_dimension_as_columns()
    {
        using GgufFile file = Open(GgufBytes.Small());

        Tensor matrix = file.Find("token_embd.weight", default)!;
        matrix.Shape.Should().Be(new TensorShape(3, 4));
        matrix.Format.Should().BeSameAs(WeightFormat.Float32);
        matrix.ToArray().Should().Equal(Enumerable.Range(0, 12).Select(i => (float)i));
        file.Find("blk.0.attn_norm.weight", default)!.Shape.Should().Be(TensorShape.Vector(4));
        file.Find("blk.0.ffn_gate_exps.weight", default)!.Shape.Should().Be(new TensorShape(2, 2, 2));
        file.Find("blk.0.ffn_up.weight", default)!.SizeInBytes.Should().Be(68);
        file.Find("nothing", default).Should().BeNull();
        file.Contains("nothing").Should().BeFalse();
    }

    [Fact]
    public void Opens_a_file_with_a_type_it_cannot_decode_and_says_so_when_the_tensor_is_asked_for()
    {
        GgufBytes bytes = GgufBytes.Small().Info("odd", [3], 99, 0);
        using GgufFile file = Open(bytes);

        file.Contains("blk.0.ffn_down.weight").Should().BeTrue();
        file.Invoking(f => f.Find("blk.0.ffn_down.weight", default)).Should().Throw<UnsupportedModelException>()
            .WithMessage("*blk.0.ffn_down.weight*IQ2_XXS*F32, F16*Q8_0*");
        file.TensorInfos[^1].TypeName.Should().Be("type 99");
        file.TensorInfos[^1].SizeInBytes.Should().BeNull();
        file.Invoking(f => f.Find("odd", default)).Should().Throw<UnsupportedModelException>().WithMessage("*odd*type 99*");
    }

    [Fact]
    public void Follows_the_alignment_that_the_file_names()
    {
        GgufBytes bytes = new GgufBytes { Alignment = 64 }.Number("general.alignment", 64).Floats("a", [1], 1).Floats("b", [1], 2);
        using GgufFile file = Open(bytes);

        file.TensorInfos.Should().OnlyContain(info => info.Offset % 64 == 0);
        file.Find("b", default)!.ToArray().Should().Equal(2);
    }

    [Fact]
    public void Lets_bytes_that_are_no_utf8_pass()
    {
        using GgufFile file = Open(new GgufBytes().Pair("x", 8, [3, 0, 0, 0, 0, 0, 0, 0, (byte)'a', 0xFF, (byte)'b']));

        file.Find("x").Should().Be("a\uFFFDb");
    }

    [Fact]
    public void Memory_stays_valid_after_the_file_is_closed()
    {
        GgufFile file = Open(GgufBytes.Small());
        Tensor tensor = file.Find("token_embd.weight", default)!;
        TensorMemory memory = tensor.Open();

        file.Dispose();
        File.Delete(_folder.File("model.gguf"));
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        BitConverter.ToSingle(memory.Slice(44, 4)).Should().Be(11);
        tensor.ToArray().Should().HaveCount(12);
        file.Invoking(f => f.Find("token_embd.weight", default)).Should().Throw<ObjectDisposedException>();
    }

    [Theory]
    [InlineData("hidden_size", 4L)]
    [InlineData("num_hidden_layers", 1L)]
    [InlineData("rope_theta", 10000.0)]
    [InlineData("vocab_size", 3L)]
    [InlineData("tie_word_embeddings", true)]
    [InlineData("rope_pairing", "interleaved")]
    [InlineData("model_type", "llama")]
    [InlineData("num_key_value_heads", null)]
    [InlineData("rope_scaling.type", null)]
    [InlineData("bos_token_id", null)]
    public void Translates_canonical_keys(string key, object? expected)
    {
        using GgufFile file = Open(GgufBytes.Small());

        file.Find(key).Should().Be(expected);
    }

    [Fact]
    public void Translates_what_only_some_files_have()
    {
        using GgufFile file = Open(new GgufBytes()
            .String("general.architecture", "qwen3")
            .Number("qwen3.vocab_size", 9)
            .Array("tokenizer.ggml.tokens", 8, 1, GgufBytes.Text("x"))
            .Number("tokenizer.ggml.bos_token_id", uint.MaxValue)
            .Number("tokenizer.ggml.eos_token_id", 5)
            .Pair("qwen3.rope.scale_linear", 6, BitConverter.GetBytes(4f))
            .Floats("output.weight", [1], 1));

        file.Find("vocab_size").Should().Be(9L);
        file.Find("bos_token_id").Should().BeNull("llama.cpp writes -1 where a vocabulary has no such token");
        file.Find("eos_token_id").Should().Be(5L);
        file.Find("rope_scaling.factor").Should().Be(4.0);
        file.Find("rope_scaling.type").Should().Be("linear");
        file.Find("tie_word_embeddings").Should().Be(false);
        file.Find("rope_pairing").Should().Be("half");
    }

    [Theory]
    [InlineData("gemma2", 46, 12.0)]
    [InlineData("gemma2", 26, null)]
    [InlineData("gemma3", 62, 12.0)]
    [InlineData("llama", 62, null)]
    public void Gemmas_largest_sizes_are_known_by_their_layers(string architecture, uint layers, double? expected)
    {
        using GgufFile file = Open(new GgufBytes()
            .String("general.architecture", architecture)
            .Number($"{architecture}.block_count", layers)
            .Number($"{architecture}.embedding_length", 24)
            .Number($"{architecture}.attention.head_count", 2));

        file.Find("query_pre_attn_scalar").Should().Be(expected);
    }

    [Theory]
    [InlineData("yarn", null)]
    [InlineData("longrope", 1.25)]
    public void The_attention_factor_is_a_whole_one_only_outside_yarn(string type, double? expected)
    {
        using GgufFile file = Open(new GgufBytes()
            .String("general.architecture", "phi3")
            .String("phi3.rope.scaling.type", type)
            .Pair("phi3.rope.scaling.attn_factor", 6, BitConverter.GetBytes(1.25f)));

        file.Find("rope_scaling.attention_factor").Should().Be(expected);
    }

    [Fact]
    public void A_file_without_tensors_opens()
    {
        using GgufFile file = Open(new GgufBytes().String("general.architecture", "llama"));

        file.TensorInfos.Should().BeEmpty();
        file.Find("x", default).Should().BeNull();
    }
}
