using System.Text;

namespace Transformer.Core.Tests.Weights.Safetensors;

/// <summary>Safetensors files made by hand after the README of huggingface/safetensors: right ones and wrong ones.</summary>
internal sealed class SafetensorsBytes
{
    private readonly List<string> _entries = [];
    private readonly MemoryStream _data = new();

    public static byte[] Raw(string json, byte[] data) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json), .. data];

    public SafetensorsBytes Tensor(string name, string dtype, string shape, byte[] bytes)
    {
        _entries.Add($$"""
            "{{name}}":{"dtype":"{{dtype}}","shape":[{{shape}}],"data_offsets":[{{_data.Length}},{{_data.Length + bytes.Length}}]}
            """);
        _data.Write(bytes);
        return this;
    }

    public SafetensorsBytes Floats(string name, string shape, params float[] values) => Tensor(name, "F32", shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    public byte[] ToArray() => Raw($$"""{"__metadata__":{"format":"pt"},{{string.Join(',', _entries)}}}  """, _data.ToArray());

    public static SafetensorsBytes Small() => new SafetensorsBytes()
        .Floats("matrix", "2,3", 0, 1, 2, 3, 4, 5)
        .Floats("vector", "2", 6, 7)
        .Floats("scalar", "", 8)
        .Floats("stack", "2,1,2", 1, 2, 3, 4)
        .Floats("four", "2,2,1,1", 1, 2, 3, 4)
        .Tensor("half", "F16", "2", [0, 0x3C, 0, 0xC0])
        .Tensor("brain", "BF16", "2", [0x80, 0x3F, 0, 0xC0])
        .Tensor("ids", "I64", "1", new byte[8])
        .Tensor("tiny", "F8_E4M3", "3", new byte[3])
        .Tensor("empty", "F32", "0", []);
}
