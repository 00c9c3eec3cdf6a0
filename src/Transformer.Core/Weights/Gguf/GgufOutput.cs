using System.Text;

namespace Transformer.Core.Weights.Gguf;

/// <summary>The bytes of a GGUF file, written in one pass from front to back (ggml's docs/gguf.md, version 3).</summary>
internal static class GgufOutput
{
    /// <summary>Writes the whole file.</summary>
    public static void Write(
        Stream stream,
        int alignment,
        IReadOnlyList<(string Key, GgufValueType Type, Action<BinaryWriter> Write)> metadata,
        IReadOnlyList<GgufWriter.PlannedTensor> tensors)
    {
        // BinaryWriter is little-endian everywhere.
        using BinaryWriter writer = new(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)metadata.Count);
        foreach ((string key, GgufValueType type, Action<BinaryWriter> write) in metadata)
        {
            Text(writer, key);
            writer.Write((uint)type);
            write(writer);
        }

        long offset = 0;
        foreach (GgufWriter.PlannedTensor tensor in tensors)
        {
            Info(writer, tensor, offset);
            offset = Aligned(offset + tensor.SizeInBytes, alignment);
        }
        writer.Flush();
        Pad(stream, alignment);
        foreach (GgufWriter.PlannedTensor tensor in tensors)
        {
            Rows(stream, tensor);
            Pad(stream, alignment);
        }
    }

    /// <summary>A string: its length in bytes, then UTF-8.</summary>
    public static void Text(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Info(BinaryWriter writer, GgufWriter.PlannedTensor tensor, long offset)
    {
        Text(writer, tensor.Name);
        writer.Write((uint)tensor.Dimensions.Count);
        foreach (long dimension in tensor.Dimensions)
            writer.Write((ulong)dimension);
        writer.Write(tensor.Type.Id);
        writer.Write((ulong)offset);
    }

    private static void Rows(Stream stream, GgufWriter.PlannedTensor tensor)
    {
        byte[] bytes = new byte[tensor.RowBytes];
        for (long row = 0; row < tensor.RowCount; row++)
        {
            // A filler that leaves bytes alone must not leave the row before in the file.
            Array.Clear(bytes);
            tensor.Rows(row, bytes);
            stream.Write(bytes);
        }
    }

    private static void Pad(Stream stream, int alignment)
    {
        for (long left = Aligned(stream.Position, alignment) - stream.Position; left > 0; left--)
            stream.WriteByte(0);
    }

    private static long Aligned(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
