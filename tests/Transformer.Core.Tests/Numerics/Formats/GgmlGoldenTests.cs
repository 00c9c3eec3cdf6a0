using System.Runtime.InteropServices;
using System.Text.Json;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Numerics.Kernels;
using Xunit.Abstractions;

namespace Transformer.Core.Tests.Numerics.Formats;

/// <summary>The bytes and values that ggml itself gives for the same 8 x 512 values.</summary>
[Trait("Category", "Kernels")]
public class GgmlGoldenTests(ITestOutputHelper output)
{
    private static string Golden(string file) => TestData.Path("golden", "quant", file);

    [DataTheory]
    [InlineData("f16")]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_1")]
    [InlineData("q5_0")]
    [InlineData("q5_1")]
    [InlineData("q2_K")]
    [InlineData("q3_K")]
    [InlineData("q4_K")]
    [InlineData("q5_K")]
    [InlineData("q6_K")]
    [InlineData("iq4_nl")]
    [InlineData("iq4_xs")]
    [InlineData("tq1_0")]
    [InlineData("tq2_0")]
    [InlineData("mxfp4")]
    public void Decodes_to_the_same_bits(string type)
    {
        WeightFormat format = Format(type);
        byte[] stored = File.ReadAllBytes(Golden(type + ".q"));
        float[] expected = Floats(type + ".f32"), values = new float[expected.Length];
        stored.Length.Should().Be((int)format.BytesFor(expected.Length));
        format.Decode(stored, values);
        KernelCheck.SameBits(values, expected);
        float[] scalar = format.Accept(new DecodeScalar(stored, expected.Length));
        KernelCheck.SameBits(scalar, expected);
    }

    [DataTheory]
    [InlineData("f16")]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
    [InlineData("q4_1")]
    [InlineData("q5_0")]
    [InlineData("q5_1")]
    [InlineData("tq1_0")]
    [InlineData("tq2_0")]
    public void Encodes_to_the_same_bytes(string type)
    {
        WeightFormat format = Format(type);
        byte[] expected = File.ReadAllBytes(Golden(type + ".q")), stored = new byte[expected.Length];
        format.Encode(Floats("src.f32"), stored);
        stored.AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [DataTheory]
    [InlineData("q2_K")]
    [InlineData("q3_K")]
    [InlineData("q4_K")]
    [InlineData("q5_K")]
    [InlineData("q6_K")]
    [InlineData("iq4_nl")]
    [InlineData("iq4_xs")]
    [InlineData("mxfp4")]
    public void Encodes_as_closely(string type)
    {
        WeightFormat format = Format(type);
        float[] source = Floats("src.f32"), theirs = Floats(type + ".f32"), ours = new float[source.Length];
        byte[] stored = new byte[format.BytesFor(source.Length)];
        format.Encode(source, stored);
        format.Decode(stored, ours);
        double ratio = SquaredError(source, ours) / SquaredError(source, theirs);
        output.WriteLine($"{type}: squared error {ratio:F3} of ggml's");
        ratio.Should().BeLessThanOrEqualTo(1.1);
    }

    [DataFact]
    public void The_index_gives_the_same_layout()
    {
        int found = 0;
        foreach (string line in File.ReadLines(Golden("index.jsonl")))
        {
            JsonElement entry = JsonDocument.Parse(line).RootElement;
            WeightFormat? format = WeightFormat.All.SingleOrDefault(f => string.Equals(f.Name, entry.GetProperty("type").GetString(), StringComparison.OrdinalIgnoreCase));
            if (format is null)
                continue;
            found++;
            format.BlockLength.Should().Be(entry.GetProperty("block").GetInt32());
            format.BlockBytes.Should().Be(entry.GetProperty("type_size").GetInt32());
            format.BytesFor(entry.GetProperty("cols").GetInt32()).Should().Be(entry.GetProperty("row_bytes").GetInt64());
        }
        found.Should().Be(17);
    }

    private static WeightFormat Format(string type) => WeightFormat.All.Single(f => string.Equals(f.Name, type, StringComparison.OrdinalIgnoreCase));

    private static double SquaredError(float[] expected, float[] actual) => expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum();

    private static float[] Floats(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Golden(file))).ToArray();

    private sealed class DecodeScalar(byte[] stored, int count) : IWeightFormatVisitor<float[]>
    {
        public float[] Visit<TFormat>()
            where TFormat : struct, IBlockFormat
        {
            float[] values = new float[count];
            TFormat.DecodeScalar(stored, values);
            return values;
        }
    }
}
