using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights.Safetensors;

/// <summary>gpt-oss's own four-bit files, decoded as the OCP's specification of Microscaling Formats 1.0 says.</summary>
public sealed class MicroscaledWeightsTests : IDisposable
{
    private const int Experts = 3;
    private const int Rows = 4;
    private const int PerRow = 2;
    private const string Expert = "model.layers.0.mlp.experts.";

    private static readonly float[] Levels = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Blocks_and_scales_are_one_matrix_of_four_bit_floats()
    {
        byte[] blocks = Bytes(1, Experts * Rows * PerRow * 16);
        byte[] scales = [.. Bytes(2, Experts * Rows * PerRow).Select(b => (byte)(120 + (b % 12)))];
        using IWeightSource source = Open(new SafetensorsBytes()
            .Tensor(Expert + "gate_up_proj_blocks", "U8", "3,4,2,16", blocks).Tensor(Expert + "gate_up_proj_scales", "U8", "3,4,2", scales)
            .Tensor(Expert + "down_proj_blocks", "U8", "3,4,2,16", blocks).Tensor(Expert + "down_proj_scales", "U8", "3,4,2", scales)
            .Floats(Expert + "gate_up_proj_bias", "3,4", [.. Enumerable.Range(0, 12).Select(i => (float)i)]));
        source.Names.Should().BeEquivalentTo(
            Expert + "gate_proj.weight", Expert + "up_proj.weight", Expert + "down_proj.weight", Expert + "gate_proj.bias", Expert + "up_proj.bias");

        float[] all = [.. Enumerable.Range(0, blocks.Length * 2).Select(i => Levels[(blocks[i / 2] >> (i % 2 * 4)) & 15] * MathF.Pow(2, scales[i / 32] - 127))];
        const int columns = 32 * PerRow;
        Tensor down = source.Find(Expert + "down_proj.weight", new TensorShape(Rows, columns, Experts))!;
        down.Format.Should().Be(WeightFormat.MXFP4);
        down.ToArray().Should().Equal(all);
        foreach ((string name, int odd) in ((string, int)[])[("gate_proj", 0), ("up_proj", 1)])
        {
            source.Find($"{Expert}{name}.weight", new TensorShape(Rows / 2, columns, Experts))!.ToArray()
                .Should().Equal(Enumerable.Range(0, Experts * Rows).Where(row => row % 2 == odd).SelectMany(row => all.Skip(row * columns).Take(columns)));
            source.Find($"{Expert}{name}.bias", new TensorShape(Experts, Rows / 2))!.ToArray().Should().Equal(Enumerable.Range(0, 12).Where(i => i % 2 == odd).Select(i => (float)i));
        }

        WeightMatrix[] matrices = new WeightLedger(source, shapesOnly: false).Stack(Expert + "up_proj.weight", Experts, Rows / 2, columns);
        float[] decoded = new float[columns];
        matrices[2].DecodeRow(1, decoded);
        decoded.Should().Equal(all[^columns..]);
    }

    [Theory]
    [InlineData("3,4,2,16", "3,4,3", 288, 36)]
    [InlineData("3,4,4,8", "3,4,4", 384, 48)]
    [InlineData("12,2,16", "12,2", 384, 24)]
    public void Blocks_and_scales_that_do_not_fit_are_refused(string blocks, string scales, int blockBytes, int scaleBytes)
    {
        int bytes = blocks == "3,4,2,16" ? 384 : blockBytes;
        using IWeightSource source = Open(new SafetensorsBytes()
            .Tensor(Expert + "down_proj_blocks", "U8", blocks, new byte[bytes]).Tensor(Expert + "down_proj_scales", "U8", scales, new byte[scaleBytes]));
        source.Invoking(s => s.Find(Expert + "down_proj.weight", new TensorShape(4, 64, 3))).Should().Throw<ModelFileException>().WithMessage("*down_proj_blocks*[members, rows, blocks, 16]*U8*");
    }

    [Fact]
    public void Blocks_without_scales_are_refused()
    {
        using IWeightSource source = Open(new SafetensorsBytes().Tensor(Expert + "down_proj_blocks", "U8", "3,4,2,16", new byte[384]));
        source.Invoking(s => s.Find(Expert + "down_proj.weight", new TensorShape(4, 64, 3))).Should().Throw<ModelFileException>().WithMessage("*down_proj_scales*no such tensor*");
    }

    private IWeightSource Open(SafetensorsBytes weights)
    {
        _folder.Write("config.json", """{"model_type": "gpt_oss"}""");
        _folder.Write("model.safetensors", weights.ToArray());
        return HuggingFaceNames.Canonical(HuggingFaceFolder.Open(_folder.Path));
    }

    private static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
