using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;
using Xunit.Abstractions;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufQuantizerTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Recipes => [.. QuantizationRecipe.All.Select(recipe => recipe.Name)];

    public void Dispose() => _folder.Dispose();

    [DataTheory]
    [InlineData("q8_0")]
    [InlineData("q5_1")]
    [InlineData("q5_0")]
    [InlineData("q4_1")]
    [InlineData("q4_0")]
    [InlineData("f16")]
    [InlineData("bf16")]
    public void Tensors_have_the_types_and_bytes_that_llama_cpp_writes(string type)
    {
        string path = _folder.File("q.gguf");
        GgufQuantizer.Quantize(TestData.Path("models", "stories260K.gguf"), path, QuantizationRecipe.Find(type)!);
        using GgufFile ours = GgufFile.Open(path), theirs = GgufFile.Open(TestData.Path("models", $"stories260K-{type}.gguf"));
        foreach (GgufTensorInfo expected in theirs.TensorInfos)
        {
            GgufTensorInfo info = ours.TensorInfos.Single(tensor => tensor.Name == expected.Name);
            (info.TypeName, info.SizeInBytes).Should().Be((expected.TypeName, expected.SizeInBytes), expected.Name);
            info.Dimensions.Should().Equal(expected.Dimensions);
            ours.BytesOf(info).Slice(0, (int)info.SizeInBytes!).SequenceEqual(theirs.BytesOf(expected).Slice(0, (int)info.SizeInBytes)).Should().BeTrue(expected.Name);
        }
        ours.Find("general.file_type").Should().Be(theirs.Find("general.file_type"));
        ours.Find("general.quantization_version").Should().Be(theirs.Find("general.quantization_version"));
    }

    [DataTheory]
    [InlineData("q8_0")]
    [InlineData("q5_1")]
    [InlineData("q5_0")]
    [InlineData("q4_1")]
    [InlineData("q4_0")]
    public void Perplexity_is_that_of_llama_cpp_s_file(string type)
    {
        string path = _folder.File("q.gguf"), text = File.ReadAllText(TestData.Path("corpora", "tinystories_sample.txt"));
        GgufQuantizer.Quantize(TestData.Path("models", "stories260K.gguf"), path, QuantizationRecipe.Find(type)!);
        double expected = Goldens.Lines("golden", "perplexity_doc.jsonl").Single(row => row.Text("model") == $"stories260K-{type}.gguf").GetProperty("ppl").GetDouble();
        double ours = Perplexity.OfDocuments(TransformerBuilder.FromGguf(path).Build(), text, 512).Perplexity;
        output.WriteLine($"{type}: {ours:F4}, llama.cpp {expected:F4}");
        ours.Should().BeApproximately(expected, 0.005 * expected);
    }

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Every_recipe_gives_a_model_of_the_same_shapes_and_close_values(string name)
    {
        string source = Model(layers: 8, columns: 256), path = _folder.File("q.gguf");
        QuantizationResult result = GgufQuantizer.Quantize(source, path, QuantizationRecipe.Find(name)!);
        using GgufFile before = GgufFile.Open(source), after = GgufFile.Open(path);
        after.Names.Should().Equal(before.Names);
        after.Keys.Should().Contain(["general.architecture", "x.list", "general.file_type"]);
        after.Find("x.list").Should().BeEquivalentTo(new[] { "a", "b" });
        foreach (string tensor in before.Names)
        {
            float[] expected = before.Find(tensor, default)!.ToArray(), actual = after.Find(tensor, default)!.ToArray();
            double error = expected.Zip(actual, (a, b) => ((double)a - b) * (a - b)).Sum() / Math.Max(1e-9, expected.Sum(a => (double)a * a));
            error.Should().BeLessThan(name.StartsWith("TQ", StringComparison.Ordinal) ? 2.5 : name.StartsWith("Q2", StringComparison.Ordinal) ? 0.15 : 0.04, tensor);
            if (!tensor.EndsWith("weight", StringComparison.Ordinal) || tensor.Contains("norm"))
                after.TensorInfos.Single(info => info.Name == tensor).TypeName.Should().Be("F32");
        }
        result.BytesAfter.Should().Be(after.TensorInfos.Sum(info => info.SizeInBytes));
        result.Parameters.Should().Be(before.TensorInfos.Sum(info => info.Dimensions.Aggregate(1L, (a, b) => a * b)));
        result.TensorsPerType.Values.Sum().Should().Be(after.TensorInfos.Count);
    }

    [Fact]
    public void Q4_K_M_gives_more_bits_to_the_matrices_that_llama_cpp_chooses()
    {
        string path = _folder.File("q.gguf");
        GgufQuantizer.Quantize(Model(layers: 24, columns: 256), path, QuantizationRecipe.Find("q4_k_m")!);
        using GgufFile file = GgufFile.Open(path);
        Dictionary<string, string> types = file.TensorInfos.ToDictionary(info => info.Name, info => info.TypeName);
        int[] more = [.. Enumerable.Range(0, 24).Where(layer => types[$"blk.{layer}.ffn_down.weight"] == "Q6_K")];

        // 24 layers: the first and last three, and every third from the sixth on.
        more.Should().Equal(0, 1, 2, 5, 8, 11, 14, 17, 20, 21, 22, 23);
        Enumerable.Range(0, 24).Where(layer => types[$"blk.{layer}.attn_v.weight"] == "Q6_K").Should().Equal(more);
        types["token_embd.weight"].Should().Be("Q6_K", "it is the output matrix, too");
        types["blk.3.attn_q.weight"].Should().Be("Q4_K");
        types["blk.3.attn_v.weight"].Should().Be("Q4_K");
        file.Find("general.file_type").Should().Be(15L);
    }

    [Theory]
    [InlineData("q4_k_m", 96, "Q5_0", "Q8_0", "Q8_0")]
    [InlineData("q5_k_m", 96, "Q5_1", "Q8_0", "Q8_0")]
    [InlineData("q6_k", 96, "Q8_0", "Q8_0", "Q8_0")]
    [InlineData("q4_k_m", 40, "F16", "F16", "F16")]
    [InlineData("q4_0", 40, "F16", "F16", "F16")]
    public void Rows_that_do_not_fill_blocks_get_a_type_near_by(string recipe, int columns, string query, string value, string embedding)
    {
        string path = _folder.File("q.gguf");
        GgufQuantizer.Quantize(Model(layers: 8, columns), path, QuantizationRecipe.Find(recipe)!);
        using GgufFile file = GgufFile.Open(path);
        Type("blk.0.attn_q.weight").Should().Be(query);
        if (recipe != "q6_k")
            Type("blk.0.attn_v.weight").Should().Be(value);
        Type("token_embd.weight").Should().Be(embedding);

        string Type(string name) => file.TensorInfos.Single(info => info.Name == name).TypeName;
    }

    [Fact]
    public void The_number_of_threads_does_not_matter()
    {
        string source = Model(layers: 2, columns: 512);
        GgufQuantizer.Quantize(source, _folder.File("1.gguf"), QuantizationRecipe.Find("q4_k_m")!, threads: 1);
        GgufQuantizer.Quantize(source, _folder.File("3.gguf"), QuantizationRecipe.Find("q4_k_m")!, threads: 3);
        File.ReadAllBytes(_folder.File("3.gguf")).Should().Equal(File.ReadAllBytes(_folder.File("1.gguf")));
    }

    [Fact]
    public void Progress_rises_to_one_and_a_cancelled_run_leaves_nothing()
    {
        string source = Model(layers: 4, columns: 256), path = _folder.File("q.gguf");
        Shares shares = new(null);
        GgufQuantizer.Quantize(source, path, QuantizationRecipe.Find("q8_0")!, progress: shares);
        shares.Seen.Should().BeInAscendingOrder().And.EndWith(1);
        File.Delete(path);

        using CancellationTokenSource cancellation = new();
        FluentActions.Invoking(() => GgufQuantizer.Quantize(source, path, QuantizationRecipe.Find("q8_0")!, progress: new Shares(cancellation), cancellationToken: cancellation.Token))
            .Should().Throw<OperationCanceledException>();
        Directory.GetFiles(_folder.Path).Should().Equal(source);
    }

    [Fact]
    public void Mistakes_and_values_that_are_no_numbers_are_refused()
    {
        string path = _folder.File("bad.gguf"), target = _folder.File("q.gguf");
        float[] values = new float[512];
        values[300] = float.NaN;
        new GgufWriter().Set("general.architecture", "llama").Add("blk.0.attn_q.weight", new TensorShape(2, 256), WeightFormat.Float32, values).Save(path);
        FluentActions.Invoking(() => GgufQuantizer.Quantize(path, target, QuantizationRecipe.Find("q4_k_s")!))
            .Should().Throw<ModelFileException>().WithMessage("*bad.gguf*blk.0.attn_q.weight*finite*NaN*");
        FluentActions.Invoking(() => GgufQuantizer.Quantize(path, path, QuantizationRecipe.Find("q4_0")!)).Should().Throw<ArgumentException>();
        Directory.GetFiles(_folder.Path).Should().Equal(path);
        QuantizationRecipe.Find("q7").Should().BeNull();
        QuantizationRecipe.Find("q4_k").Should().BeSameAs(QuantizationRecipe.Find("Q4_K_M"));
    }

    [Fact]
    public void Tensors_of_undecoded_types_and_four_dimensions_are_copied()
    {
        byte[] stored = [.. Enumerable.Range(0, 66).Select(i => (byte)i)];
        string source = _folder.Write("m.gguf", new GgufBytes().String("general.architecture", "llama").Tensor("odd.bias", [256], 16, stored).Floats("cube.bias", [2, 1, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8).ToArray());
        GgufQuantizer.Quantize(source, _folder.File("q.gguf"), QuantizationRecipe.Find("q8_0")!);
        using GgufFile file = GgufFile.Open(_folder.File("q.gguf"));
        file.TensorInfos[0].TypeName.Should().Be("IQ2_XXS");
        file.BytesOf(file.TensorInfos[0]).Slice(0, 66).ToArray().Should().Equal(stored);
        file.TensorInfos[1].Dimensions.Should().Equal(2, 1, 2, 2);
        file.Find("cube.bias", default)!.ToArray().Should().Equal(1, 2, 3, 4, 5, 6, 7, 8);
    }

    private string Model(int layers, int columns)
    {
        GgufWriter writer = new GgufWriter().Set("general.architecture", "llama").Set("llama.block_count", (uint)layers).Set("x.list", (string[])["a", "b"]);
        RandomWeights weights = new(1);
        Add("token_embd.weight", new TensorShape(50, columns));
        for (int layer = 0; layer < layers; layer++)
        {
            Add($"blk.{layer}.attn_norm.weight", TensorShape.Vector(columns));
            foreach (string part in (string[])["attn_q", "attn_v", "ffn_down"])
                Add($"blk.{layer}.{part}.weight", new TensorShape(3, columns));
            Add($"blk.{layer}.attn_q.bias", TensorShape.Vector(3));
        }
        writer.Save(_folder.File("m.gguf"));
        return _folder.File("m.gguf");

        void Add(string name, TensorShape shape) => writer.Add(name, weights.Find(name, shape)!);
    }

    private sealed class Shares(CancellationTokenSource? cancellation) : IProgress<double>
    {
        public List<double> Seen { get; } = [];

        public void Report(double value)
        {
            Seen.Add(value);
            cancellation?.Cancel();
        }
    }
}
