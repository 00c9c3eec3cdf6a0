namespace Transformer.Core.Weights.Gguf;

/// <summary>Everything in one GGUF file that stands before its tensors' values.</summary>
/// <remarks>The layout is that of ggml's docs/gguf.md, versions 2 and 3 (which differ only in that 3 allows big-endian files).</remarks>
internal sealed class GgufHeader
{
    private const uint Magic = 0x46554747;
    private const int DefaultAlignment = 32;
    private const int MostDimensions = 4;

    // Key length, type, one byte of value; name length, dimension count, type, offset.
    private const int SmallestPair = 8 + 4 + 1;
    private const int SmallestTensor = 8 + 4 + 4 + 8;

    private readonly MappedFile _file;
    private readonly GgufReader _reader;
    private readonly Dictionary<string, object> _metadata = [];
    private readonly List<string> _keys = [];
    private readonly Dictionary<string, (long Start, long Length)> _places = [];
    private readonly List<GgufTensorInfo> _tensors = [];

    /// <summary>Reads and checks the header of a file.</summary>
    /// <exception cref="ModelFileException">The file is damaged or no GGUF file.</exception>
    /// <exception cref="UnsupportedModelException">It is of another version or byte order.</exception>
    public GgufHeader(MappedFile file)
    {
        _file = file;
        _reader = new GgufReader(file);
        Version = ReadVersion();
        _reader.Subject = "tensor count";
        long tensors = _reader.Count(SmallestTensor);
        _reader.Subject = "metadata count";
        long pairs = _reader.Count(SmallestPair);
        for (long i = 0; i < pairs; i++)
            ReadPair(i);
        Alignment = ReadAlignment();
        List<RawTensor> raw = [];
        for (long i = 0; i < tensors; i++)
            raw.Add(ReadTensor(i));

        long dataStart = (_reader.Position + Alignment - 1) / Alignment * Alignment;
        HashSet<string> names = [];
        foreach (RawTensor tensor in raw)
        {
            if (!names.Add(tensor.Name))
                throw Wrong(tensor.Name, "one tensor of this name", "a second one");
            _tensors.Add(Place(tensor, dataStart));
        }
    }

    /// <summary>2 or 3.</summary>
    public int Version { get; }

    /// <summary>What tensors' offsets are multiples of.</summary>
    public long Alignment { get; }

    /// <summary>Keys in the order of the file.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>Values by key.</summary>
    public IReadOnlyDictionary<string, object> Metadata => _metadata;

    /// <summary>The bytes of a value as they stand in the file, its type before them.</summary>
    public TensorMemory Bytes(string key) => _file.Part(_places[key].Start, _places[key].Length);

    /// <summary>Tensors in the order of the file.</summary>
    public IReadOnlyList<GgufTensorInfo> Tensors => _tensors;

    private int ReadVersion()
    {
        _reader.Subject = "first bytes";
        uint magic = _reader.Number<uint>();
        if (magic != Magic)
            throw _reader.Wrong("'GGUF' (47 47 55 46)", string.Join(' ', BitConverter.GetBytes(magic).Select(b => $"{b:X2}")));
        uint version = _reader.Number<uint>();

        // The format does not say its byte order; a small version number read backwards gives it away.
        if ((version & 0xFFFF) == 0 && version != 0)
            throw new UnsupportedModelException(_file.Path, "byte order", "big-endian", ["little-endian"], "Convert the file with gguf_convert_endian.py of llama.cpp.");
        return version is 2 or 3 ? (int)version : throw new UnsupportedModelException(_file.Path, "GGUF version", $"{version}", ["2", "3"]);
    }

    private void ReadPair(long index)
    {
        _reader.Subject = $"metadata key {index}";
        string key = _reader.Name();
        _reader.Subject = $"metadata '{key}'";
        long start = _reader.Position;
        if (!_metadata.TryAdd(key, GgufValue.Read(_reader, _file.Path)))
            throw _reader.Wrong("one key of this name", "a second one");
        _places[key] = (start, _reader.Position - start);
        _keys.Add(key);
    }

    private long ReadAlignment()
    {
        _reader.Subject = "general.alignment";
        return !_metadata.TryGetValue("general.alignment", out object? value) ? DefaultAlignment
            : value is long alignment and > 0 and <= int.MaxValue && alignment % 8 == 0 ? alignment
            : throw _reader.Wrong("a positive multiple of 8", $"{value}");
    }

    private RawTensor ReadTensor(long index)
    {
        _reader.Subject = $"tensor {index}";
        string name = _reader.Name();
        _reader.Subject = $"tensor '{name}'";
        uint count = _reader.Number<uint>();
        if (count > MostDimensions)
            throw _reader.Wrong($"at most {MostDimensions} dimensions", $"{count}");
        long[] dimensions = new long[count];
        for (int i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = _reader.Number<long>();
            if (dimensions[i] < 0)
                throw _reader.Wrong("dimensions below 2⁶³", $"{(ulong)dimensions[i]}");
        }
        return new RawTensor(name, dimensions, _reader.Number<uint>(), _reader.Number<ulong>());
    }

    /// <summary>Checks that a tensor is whole blocks inside the file.</summary>
    private GgufTensorInfo Place(RawTensor tensor, long dataStart)
    {
        (string name, long[] dimensions, uint typeId, ulong offset) = tensor;
        if (offset % (ulong)Alignment != 0)
            throw Wrong(name, $"an offset that is a multiple of {Alignment}", $"{offset}");

        GgufTensorType? type = GgufTensorType.Find(typeId);
        long? values = FileTensor.Product(dimensions);
        long columns = dimensions.Length > 0 ? dimensions[0] : 1;
        if (type is not null && columns % type.BlockLength != 0)
            throw Wrong(name, $"a multiple of {type.BlockLength} columns ({type.Name})", $"{columns}");

        // Of an undefined type nothing but the offset can be checked.
        long? bytes = values is null ? null : type?.BytesFor(values.Value);
        long space = Math.Max(0, _file.Length - dataStart);
        if (values is null || (type is not null && bytes is null) || (bytes ?? 0) > space || offset > (ulong)(space - (bytes ?? 0)))
        {
            string size = bytes is null ? $"[{string.Join(", ", dimensions)}]" : $"{bytes} bytes";
            throw Wrong(name, $"{space} bytes of tensors in the file to hold it", $"{size} at offset {offset}");
        }
        return new GgufTensorInfo(name, dimensions, type?.Name ?? $"type {typeId}", bytes, dataStart + (long)offset, _file.Path);
    }

    private ModelFileException Wrong(string tensor, string expected, string found) => new(_file.Path, $"tensor '{tensor}'", expected, found);

    private readonly record struct RawTensor(string Name, long[] Dimensions, uint Type, ulong Offset);
}
