using System.Buffers.Binary;
using System.Text.Json;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>Reads what stands before the values of a safetensors file: eight bytes of length, then JSON of that length.</summary>
/// <remarks>
/// Format: README of huggingface/safetensors. Its limit of 100 MB for the header is kept, and no tensor is named
/// twice. Holes between tensors and a tail behind them are let pass: no value is read from them.
/// </remarks>
internal static class SafetensorsHeader
{
    private const int LongestHeader = 100_000_000;
    private const int LengthBytes = sizeof(ulong);

    /// <summary>The tensors of a file in the order of its header, and its free-form metadata.</summary>
    /// <exception cref="ModelFileException">The file is damaged or no safetensors file.</exception>
    public static (IReadOnlyList<SafetensorsTensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(MappedFile file)
    {
        if (file.Length < LengthBytes)
            throw new ModelFileException(file.Path, null, "8 bytes with the length of the header", $"{file.Length} bytes");
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        file.Read(0, lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        long most = Math.Min(LongestHeader, file.Length - LengthBytes);
        if (length > (ulong)most)
            throw new ModelFileException(file.Path, "header", $"at most {most} bytes", $"a length of {length}");

        TensorMemory header = file.Part(LengthBytes, (long)length);
        try
        {
            return Parse(file, header.Slice(0, (int)length), LengthBytes + (long)length);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no UTF-8, or a value of another kind.
            throw new ModelFileException(file.Path, "header", "JSON as safetensors has it", broken.Message.TrimEnd('.'), broken);
        }
        finally
        {
            GC.KeepAlive(header);
        }
    }

    private static (IReadOnlyList<SafetensorsTensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata) Parse(MappedFile file, ReadOnlySpan<byte> json, long dataStart)
    {
        List<SafetensorsTensorInfo> tensors = [];
        Dictionary<string, string> metadata = [];
        HashSet<string> names = [];
        Utf8JsonReader reader = new(json);
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
                throw new ModelFileException(file.Path, $"tensor '{name}'", "one tensor of this name", "a second one");
            if (name == "__metadata__")
                ReadMetadata(ref reader, metadata);
            else
                tensors.Add(ReadTensor(ref reader, file, name, dataStart));
        }

        // Throws if anything but white space follows.
        if (reader.Read())
            throw new JsonException("Something follows the header's object");
        return (tensors, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String);
            metadata[key] = reader.GetString()!;
        }
    }

    private static SafetensorsTensorInfo ReadTensor(ref Utf8JsonReader reader, MappedFile file, string name, long dataStart)
    {
        string? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject);
        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("dtype"u8))
            {
                Expect(ref reader, JsonTokenType.String);
                dtype = reader.GetString();
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = ReadNumbers(ref reader);
            }
            else if (reader.ValueTextEquals("data_offsets"u8))
            {
                offsets = ReadNumbers(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        string subject = $"tensor '{name}'";
        if (dtype is null || shape is null || offsets is not [long begin, long end])
            throw new ModelFileException(file.Path, subject, "dtype, shape and two data_offsets", "something else");
        long space = file.Length - dataStart;
        if (begin > end || end > space)
            throw new ModelFileException(file.Path, subject, $"data_offsets inside the {space} bytes of data", $"[{begin}, {end}]");
        SafetensorsType type = SafetensorsType.Find(dtype)
            ?? throw new ModelFileException(file.Path, subject, "a dtype that safetensors defines", dtype);
        long? bytes = FileTensor.Product(shape) is { } values ? type.BytesFor(values) : null;
        if (bytes != end - begin)
            throw new ModelFileException(file.Path, subject, $"{bytes?.ToString() ?? "too many"} bytes for {dtype} [{string.Join(", ", shape)}]", $"{end - begin} between its data_offsets");
        return new SafetensorsTensorInfo(name, shape, dtype, end - begin, dataStart + begin, file.Path);
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader)
    {
        List<long> numbers = [];
        Expect(ref reader, JsonTokenType.StartArray);
        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw new JsonException("A shape or offset is no number from 0 to 2⁶³");
            numbers.Add(number);
        }
        return numbers;
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("The header ends early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token)
    {
        if (Next(ref reader) != token)
            throw new JsonException($"{token} expected, {reader.TokenType} found");
    }
}
