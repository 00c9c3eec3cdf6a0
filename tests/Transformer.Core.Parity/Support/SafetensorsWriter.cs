using System.Runtime.InteropServices;
using System.Text.Json;

namespace Transformer.Core.Parity.Support;

/// <summary>Writes tensors as a safetensors file (README of huggingface/safetensors): length, JSON header, bytes.</summary>
internal sealed class SafetensorsWriter
{
    private readonly Dictionary<string, object> _header = [];
    private readonly MemoryStream _data = new();

    /// <summary>Adds a tensor in F32.</summary>
    public void Add(string name, int[] shape, ReadOnlySpan<float> values) => Add(name, "F32", shape, MemoryMarshal.AsBytes(values));

    /// <summary>Adds a tensor in any type, as its bytes.</summary>
    public void Add(string name, string dtype, int[] shape, ReadOnlySpan<byte> bytes)
    {
        long start = _data.Position;
        _data.Write(bytes);
        _header.Add(name, new { dtype, shape, data_offsets = new[] { start, _data.Position } });
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path)
    {
        byte[] header = JsonSerializer.SerializeToUtf8Bytes(_header);
        using FileStream file = File.Create(path);
        file.Write(BitConverter.GetBytes((ulong)header.Length));
        file.Write(header);
        _data.WriteTo(file);
    }
}
