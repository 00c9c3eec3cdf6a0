using System.Text;

namespace Transformer.Core.Tests.Weights.Gguf;

/// <summary>GGUF files made by hand, byte by byte after ggml's docs/gguf.md, without the library's writer: right ones and wrong ones.</summary>
internal sealed class GgufBytes
{
    private readonly MemoryStream _pairs = new();
    private readonly MemoryStream _tensors = new();
    private readonly MemoryStream _data = new();
    private ulong _pairCount;
    private ulong _tensorCount;

    public byte[] Magic { get; set; } = "GGUF"u8.ToArray();

    public uint Version { get; set; } = 3;

    public int Alignment { get; set; } = 32;

    public ulong? ClaimedTensors { get; set; }

    public ulong? ClaimedPairs { get; set; }

    public static byte[] Text(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public GgufBytes Pair(string key, uint type, params byte[] value)
    {
        _pairCount++;
        _pairs.Write(Text(key));
        _pairs.Write(BitConverter.GetBytes(type));
        _pairs.Write(value);
        return this;
    }

    public GgufBytes Array(string key, uint type, ulong count, params byte[] values) =>
        Pair(key, 9, [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes(count), .. values]);

    public GgufBytes String(string key, string value) => Pair(key, 8, Text(value));

    public GgufBytes Number(string key, uint value) => Pair(key, 4, BitConverter.GetBytes(value));

    /// <summary>A tensor's description only, with whatever is to be claimed.</summary>
    public GgufBytes Info(string name, ulong[] dimensions, uint type, ulong offset)
    {
        _tensorCount++;
        _tensors.Write(Text(name));
        _tensors.Write(BitConverter.GetBytes((uint)dimensions.Length));
        foreach (ulong dimension in dimensions)
            _tensors.Write(BitConverter.GetBytes(dimension));
        _tensors.Write(BitConverter.GetBytes(type));
        _tensors.Write(BitConverter.GetBytes(offset));
        return this;
    }

    /// <summary>A tensor with its bytes.</summary>
    public GgufBytes Tensor(string name, ulong[] dimensions, uint type, byte[] bytes)
    {
        while (_data.Length % Alignment != 0)
            _data.WriteByte(0);
        Info(name, dimensions, type, (ulong)_data.Length);
        _data.Write(bytes);
        return this;
    }

    public GgufBytes Floats(string name, ulong[] dimensions, params float[] values) =>
        Tensor(name, dimensions, 0, [.. values.SelectMany(BitConverter.GetBytes)]);

    public byte[] ToArray()
    {
        MemoryStream file = new();
        file.Write(Magic);
        file.Write(BitConverter.GetBytes(Version));
        file.Write(BitConverter.GetBytes(ClaimedTensors ?? _tensorCount));
        file.Write(BitConverter.GetBytes(ClaimedPairs ?? _pairCount));
        _pairs.WriteTo(file);
        _tensors.WriteTo(file);
        while (_data.Length > 0 && file.Length % Alignment != 0)
            file.WriteByte(0);
        _data.WriteTo(file);
        return file.ToArray();
    }

    /// <summary>A small file with every kind of value and several kinds of tensors.</summary>
    public static GgufBytes Small() => new GgufBytes()
        .String("general.architecture", "llama")
        .Number("llama.block_count", 1)
        .Number("llama.embedding_length", 4)
        .Pair("llama.rope.freq_base", 6, BitConverter.GetBytes(10000f))
        .Pair("a.u8", 0, 200)
        .Pair("a.i8", 1, 200)
        .Pair("a.u16", 2, BitConverter.GetBytes((ushort)60000))
        .Pair("a.i16", 3, BitConverter.GetBytes((short)-2))
        .Pair("a.i32", 5, BitConverter.GetBytes(-3))
        .Pair("a.bool", 7, 1)
        .Pair("a.u64", 10, BitConverter.GetBytes(5_000_000_000UL))
        .Pair("a.u64.huge", 10, BitConverter.GetBytes(ulong.MaxValue))
        .Pair("a.i64", 11, BitConverter.GetBytes(-5_000_000_000L))
        .Pair("a.f64", 12, BitConverter.GetBytes(0.1))
        .Array("tokenizer.ggml.tokens", 8, 3, [.. Text("a"), .. Text("日本"), .. Text("")])
        .Array("a.floats", 6, 2, [.. BitConverter.GetBytes(0.5f), .. BitConverter.GetBytes(-1f)])
        .Array("a.ints", 5, 2, [.. BitConverter.GetBytes(7), .. BitConverter.GetBytes(-7)])
        .Array("a.bools", 7, 2, 1, 0)
        .Array("a.bytes", 0, 3, 1, 2, 255)
        .Array("a.none", 4, 0)
        .Floats("token_embd.weight", [4, 3], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
        .Floats("blk.0.attn_norm.weight", [4], 1, 1, 1, 2)
        .Tensor("blk.0.ffn_up.weight", [32, 2], 8, new byte[68])
        .Tensor("blk.0.ffn_gate_exps.weight", [2, 2, 2], 1, new byte[16])
        .Tensor("blk.0.ffn_down.weight", [256], 16, new byte[66]);
}
