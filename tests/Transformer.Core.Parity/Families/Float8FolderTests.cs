using System.Text.Json;
using System.Text.Json.Nodes;
using Transformer.Core.Parity.Support;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Parity.Families;

/// <summary>A DeepSeek whose projections are stored as DeepSeek V3 was published, eight-bit floats with scales of blocks.</summary>
public sealed class Float8FolderTests
{
    private const int Block = 128;

    /// <summary>What OFP8 1.0 defines, without NaN: values by code.</summary>
    private static readonly double[] Values = [.. Enumerable.Range(0, 127).Select(code =>
        code < 8 ? code / 512.0 : (8 + (code % 8)) * Math.Pow(2, (code / 8) - 10))];

    [Fact]
    public void Logits_are_those_of_the_same_weights_in_F32()
    {
        // Wider than a block, and no multiple of one; heads' keys and values lie across two blocks.
        Family family = ExpertFamilies.DeepSeekV3("deepseek-v3-fp8", new(200, 6, 6, 14, 300, Layers: 2) { Context = 1024 });
        using TemporaryFolder original = new(), eight = new(), floats = new();
        family.WriteFolder(original);
        string config = File.ReadAllText(original.File("config.json"));
        File.WriteAllText(floats.File("config.json"), config);
        JsonNode quantized = JsonNode.Parse(config)!;
        quantized["quantization_config"] = JsonSerializer.SerializeToNode(new { activation_scheme = "dynamic", fmt = "e4m3", quant_method = "fp8", weight_block_size = new[] { Block, Block } });
        File.WriteAllText(eight.File("config.json"), quantized.ToJsonString());
        Convert(original.Path, eight.File("model.safetensors"), floats.File("model.safetensors")).Should().Be((5 * 2) + 3 + 3 + (12 * 3), "attention of both layers, the dense layer, the shared and the chosen experts");

        int[] prompt = FamilyRun.PromptOf(family);
        float[][] expected = FamilyRun.Open(floats.Path, family).Prefill(prompt);
        float[][] actual = FamilyRun.Open(eight.Path, family).Prefill(prompt);

        actual.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
        Logits.Difference(FamilyRun.Open(original.Path, family).Prefill(prompt), expected).Should().BeInRange(1e-4, 0.5, "eight bits are close to the weights, but not the same");
    }

    /// <summary>Writes a folder's tensors twice, projections in eight bits and as what these stand for; says how many those are.</summary>
    private static int Convert(string folder, string eight, string floats)
    {
        SafetensorsWriter eights = new(), same = new();
        using HuggingFaceFolder source = HuggingFaceFolder.Open(folder);
        int count = 0;
        foreach (SafetensorsTensorInfo info in source.TensorInfos)
        {
            int[] shape = [.. info.Dimensions.Select(size => (int)size)];
            float[] values = source.Find(info.Name, default(TensorShape))!.ToArray();
            if (info.Name.Contains("_proj", StringComparison.Ordinal))
            {
                (byte[] codes, float[] scales) = Quantize(values, shape[0], shape[1]);
                eights.Add(info.Name, "F8_E4M3", shape, codes);
                eights.Add(info.Name + "_scale_inv", [Blocks(shape[0]), Blocks(shape[1])], scales);
                count++;
            }
            else
            {
                eights.Add(info.Name, shape, values);
            }
            same.Add(info.Name, shape, values);
        }
        eights.Save(eight);
        same.Save(floats);
        return count;
    }

    /// <summary>Scales that bring each block's largest value to 448, and the nearest codes; the values become what these stand for.</summary>
    private static (byte[] Codes, float[] Scales) Quantize(float[] values, int rows, int columns)
    {
        float[] scales = new float[Blocks(rows) * Blocks(columns)];
        for (int i = 0; i < values.Length; i++)
            scales[BlockOf(i)] = Math.Max(scales[BlockOf(i)], Math.Abs(values[i]) / 448);
        byte[] codes = new byte[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            double scale = scales[BlockOf(i)], magnitude = Math.Abs(values[i]) / scale;
            int code = Enumerable.Range(0, Values.Length).MinBy(candidate => Math.Abs(Values[candidate] - magnitude));
            codes[i] = (byte)(values[i] < 0 ? code + 128 : code);
            values[i] = (float)(Values[code] * scale * (values[i] < 0 ? -1 : 1));
        }
        return (codes, scales);

        int BlockOf(int i) => (i / columns / Block * Blocks(columns)) + (i % columns / Block);
    }

    private static int Blocks(int size) => (size + Block - 1) / Block;
}
