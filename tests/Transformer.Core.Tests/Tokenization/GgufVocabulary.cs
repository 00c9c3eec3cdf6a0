using System.Text;

namespace Transformer.Core.Tests.Tokenization;

/// <summary>The metadata of a GGUF file, read by a few lines of its own: an independent check of the library's reader.</summary>
internal static class GgufVocabulary
{
    public static FakeMetadata Read(string path)
    {
        using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
        reader.ReadUInt32().Should().Be(0x46554747, "the file begins with GGUF");
        reader.ReadUInt32().Should().BeInRange(2, 3);
        reader.ReadInt64();
        var metadata = new FakeMetadata(path);
        for (long left = reader.ReadInt64(); left > 0; left--)
        {
            string key = Text(reader);
            metadata.Values[key] = Value(reader, reader.ReadUInt32());
        }
        return metadata;
    }

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes(checked((int)reader.ReadInt64())));

    private static object Value(BinaryReader reader, uint type) => type switch
    {
        0 => (long)reader.ReadByte(),
        1 => (long)reader.ReadSByte(),
        2 => (long)reader.ReadUInt16(),
        3 => (long)reader.ReadInt16(),
        4 => (long)reader.ReadUInt32(),
        5 => (long)reader.ReadInt32(),
        6 => (double)reader.ReadSingle(),
        7 => reader.ReadByte() != 0,
        8 => Text(reader),
        9 => List(reader, reader.ReadUInt32(), checked((int)reader.ReadInt64())),
        10 or 11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw new InvalidDataException($"type {type}"),
    };

    private static object List(BinaryReader reader, uint type, int count)
    {
        object[] values = [.. Enumerable.Range(0, count).Select(_ => Value(reader, type))];
        return type switch
        {
            8 => values.Cast<string>().ToArray(),
            7 => values.Cast<bool>().ToArray(),
            6 or 12 => values.Cast<double>().ToArray(),
            _ => values.Cast<long>().ToArray(),
        };
    }
}
