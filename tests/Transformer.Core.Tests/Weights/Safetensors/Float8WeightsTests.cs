using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights.Safetensors;

/// <summary>DeepSeek's eight-bit files, decoded as OFP8 1.0 and DeepSeek's README_WEIGHTS.md say.</summary>
public sealed class Float8WeightsTests : IDisposable
{
    private const string Fp8 = """{"model_type": "llama", "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]}}""";
    private const string Plain = """{"model_type": "llama"}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_codes_are_the_specifications_values()
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(code => (byte)code)];
        using IWeightSource source = Open(Plain, new SafetensorsBytes().Tensor("codes", "F8_E4M3", "256", codes));

        Tensor tensor = source.Find("codes", TensorShape.Vector(256))!;

        tensor.Format.Should().Be(WeightFormat.Float32);
        float[] values = tensor.ToArray();
        values.Select(value => (double)value).Should().Equal(codes.Select(Defined));
        (values[0x7E], values[0x08], values[0x01], values[0x38]).Should().Be((448f, 1 / 64f, 1 / 512f, 1f), "the specification's table of extremes");
        float.IsNegative(values[0x80]).Should().BeTrue();
        values.Count(float.IsNaN).Should().Be(2);
    }

    [Theory]
    [InlineData(1, 1, 128, 128)]
    [InlineData(128, 128, 128, 128)]
    [InlineData(129, 127, 128, 128)]
    [InlineData(300, 257, 128, 128)]
    [InlineData(7, 10, 3, 4)]
    public void A_matrix_is_its_codes_times_the_scales_of_their_blocks(int rows, int columns, int blockRows, int blockColumns)
    {
        int down = (rows + blockRows - 1) / blockRows, across = (columns + blockColumns - 1) / blockColumns;
        byte[] codes = Codes(1, rows * columns);
        float[] scales = [.. Enumerable.Range(0, down * across).Select(i => 0.001f * (i + 1))];
        string config = Fp8.Replace("[128, 128]", $"[{blockRows}, {blockColumns}]", StringComparison.Ordinal);
        using IWeightSource source = Open(config, new SafetensorsBytes()
            .Tensor("w", "F8_E4M3", $"{rows},{columns}", codes).Floats("w_scale_inv", $"{down},{across}", scales));

        source.Names.Should().Equal("w");
        float[] expected = [.. codes.Select((code, i) => (float)(Defined(code) * scales[(i / columns / blockRows * across) + (i % columns / blockColumns)]))];
        Tensor tensor = source.Find("w", new TensorShape(rows, columns))!;
        tensor.Shape.Should().Be(new TensorShape(rows, columns));
        tensor.ToArray().Should().Equal(expected);

        // What is cut from it does not start where a block does.
        int first = rows / 2, count = (rows + 1) / 2;
        Tensor part = TensorCuts.Rows(tensor, first, count);
        part.Open().Length.Should().Be((long)count * columns * sizeof(float));
        part.ToArray().Should().Equal(expected[(first * columns)..((first + count) * columns)]);
        TensorCuts.Rows(part, count - 1, 1).ToArray().Should().Equal(expected[((first + count - 1) * columns)..((first + count) * columns)]);
        TensorCuts.Rows(TensorCuts.Transposed(tensor), columns - 1, 1).ToArray().Should().Equal(Enumerable.Range(0, rows).Select(row => expected[(row * columns) + columns - 1]));
    }

    [Fact]
    public void Scales_of_sixteen_bits_are_read()
    {
        using IWeightSource source = Open(Fp8, new SafetensorsBytes().Tensor("w", "F8_E4M3", "1,2", [0x38, 0xC0]).Tensor("w_scale_inv", "BF16", "1,1", [0x40, 0x3F]));
        source.Find("w", new TensorShape(1, 2))!.ToArray().Should().Equal(0.75f, -1.5f);
    }

    [Fact]
    public void Experts_of_a_tensor_each_are_one_stack()
    {
        SafetensorsBytes weights = new();
        for (int expert = 0; expert < 3; expert++)
        {
            string name = $"model.layers.0.mlp.experts.{expert}.up_proj.weight";
            weights.Tensor(name, "F8_E4M3", "2,130", Codes(expert, 260)).Floats(name + "_scale_inv", "1,2", expert + 0.5f, expert + 0.25f);
        }
        const string config = """{"model_type": "deepseek_v3", "num_hidden_layers": 1, "quantization_config": {"quant_method": "fp8"}}""";
        using IWeightSource source = Open(config, weights);

        source.Names.Should().AllBe("model.layers.0.mlp.experts.up_proj.weight");
        WeightMatrix[] matrices = new WeightLedger(source, shapesOnly: false).Stack("model.layers.0.mlp.experts.up_proj.weight", 3, 2, 130);

        float[] row = new float[130];
        for (int expert = 0; expert < 3; expert++)
        {
            matrices[expert].DecodeRow(1, row);
            row.Should().Equal(Codes(expert, 260)[130..].Select((code, i) => (float)(Defined(code) * (expert + (i < 128 ? 0.5 : 0.25)))));
        }
    }

    [Theory]
    [InlineData("F32", "2,1", 8)]
    [InlineData("F32", "3,2", 24)]
    [InlineData("F32", "", 4)]
    [InlineData("F32", "4", 16)]
    [InlineData("I32", "2,2", 16)]
    public void Scales_that_do_not_fit_are_refused(string dtype, string shape, int bytes)
    {
        using IWeightSource source = Open(Fp8, new SafetensorsBytes()
            .Tensor("w", "F8_E4M3", "130,129", new byte[130 * 129]).Tensor("w_scale_inv", dtype, shape, new byte[bytes]));
        source.Invoking(s => s.Find("w", default)).Should().Throw<ModelFileException>()
            .WithMessage($"*model.safetensors*'w_scale_inv'*128 x 128*[130, 129]: [2, 2]*{dtype} [{shape.Replace(",", ", ", StringComparison.Ordinal)}]*");
    }

    [Theory]
    [InlineData(Fp8, "other")]
    [InlineData(Plain, "w_scale")]
    public void Missing_scales_are_refused_where_values_need_them(string config, string other)
    {
        using IWeightSource source = Open(config, new SafetensorsBytes().Tensor("w", "F8_E4M3", "130,1", new byte[130]).Floats(other, "1", 1));
        source.Invoking(s => s.Find("w", default)).Should().Throw<ModelFileException>().WithMessage("*model.safetensors*'w_scale_inv'*[2, 1]*no such tensor*");
    }

    [Fact]
    public void Scales_of_a_tensor_that_is_no_matrix_are_refused()
    {
        using IWeightSource source = Open(Fp8, new SafetensorsBytes().Tensor("w", "F8_E4M3", "2,1,3", new byte[6]).Floats("w_scale_inv", "2,1,1", 1, 1));
        source.Invoking(s => s.Find("w", default)).Should().Throw<ModelFileException>().WithMessage("*'w'*a matrix*F8_E4M3 [2, 1, 3]*");
    }

    [Theory]
    [InlineData("[128]")]
    [InlineData("[0, 128]")]
    [InlineData("[128, -1]")]
    [InlineData("[128, 9000000000000000000]")]
    [InlineData("[1.5, 2]")]
    [InlineData("128")]
    public void Block_sizes_that_are_none_are_refused(string size)
    {
        string config = Fp8.Replace("[128, 128]", size, StringComparison.Ordinal);
        ((Action)(() => Open(config, new SafetensorsBytes().Tensor("w", "F8_E4M3", "1,1", [1])))).Should().Throw<ModelFileException>().WithMessage("*weight_block_size*");
    }

    [Fact]
    public void Another_way_to_quantize_is_refused()
    {
        string config = Fp8.Replace("\"fp8\"", "\"compressed-tensors\"", StringComparison.Ordinal);
        ((Action)(() => Open(config, new SafetensorsBytes().Tensor("w", "F8_E4M3", "1,1", [1])))).Should().Throw<UnsupportedModelException>().WithMessage("*quant_method*compressed-tensors*fp8*");
    }

    /// <summary>OFP8 1.0, table 1, in double.</summary>
    private static double Defined(byte code)
    {
        double sign = code >= 128 ? -1 : 1;
        int exponent = code % 128 / 8, fraction = code % 8;
        return exponent == 15 && fraction == 7 ? double.NaN
            : exponent == 0 ? sign * (fraction / 8.0) * Math.Pow(2, -6)
            : sign * (1 + (fraction / 8.0)) * Math.Pow(2, exponent - 7);
    }

    private static byte[] Codes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return [.. bytes.Select(code => code % 128 == 127 ? (byte)0 : code)];
    }

    private IWeightSource Open(string config, SafetensorsBytes weights)
    {
        _folder.Write("config.json", config);
        _folder.Write("model.safetensors", weights.ToArray());
        return HuggingFaceNames.Canonical(HuggingFaceFolder.Open(_folder.Path));
    }
}
