using System.Runtime.InteropServices;
using System.Text.Json;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Formats;

/// <summary>The bytes and values that ggml itself gives for the same 8 x 512 values.</summary>
[Trait("Category", "Kernels")]
public class GgmlGoldenTests
{
    private static string Golden(string file) => TestData.Path("golden", "quant", file);

    [DataTheory]
    [InlineData("f16")]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_0")]
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
    public void Encodes_to_the_same_bytes(string type)
    {
        WeightFormat format = Format(type);
        byte[] expected = File.ReadAllBytes(Golden(type + ".q")), stored = new byte[expected.Length];
        format.Encode(Floats("src.f32"), stored);
        stored.AsSpan().SequenceEqual(expected).Should().BeTrue();
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
        found.Should().BeGreaterThanOrEqualTo(4);
    }

    private static WeightFormat Format(string type) => WeightFormat.All.Single(f => string.Equals(f.Name, type, StringComparison.OrdinalIgnoreCase));

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
