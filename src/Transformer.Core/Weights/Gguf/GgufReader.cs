using System.Runtime.InteropServices;
using System.Text;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// A place in a GGUF file that moves forward as numbers and strings are read. Every length is compared with what
/// the file has left before anything is allocated for it.
/// </summary>
internal sealed class GgufReader(MappedFile file)
{
    // The longest real ones, chat templates, have some ten thousand bytes; .NET strings end near 2³⁰.
    private const int LongestString = 1 << 28;

    // The specification's limit for keys; tensor names, limited to 64 bytes there, get the same.
    private const int LongestName = ushort.MaxValue;
    private const int LongestSubject = 200;

    /// <summary>The next byte to read.</summary>
    public long Position { get; private set; }

    /// <summary>What is being read, for messages.</summary>
    public string? Subject
    {
        get;
        set => field = value?.Length > LongestSubject ? $"{value.AsSpan(0, LongestSubject)}…" : value;
    }

    private long Remaining => file.Length - Position;

    /// <summary>A little-endian number, or a byte.</summary>
    public T Number<T>()
        where T : unmanaged
    {
        T value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        Take(bytes);
        if (!BitConverter.IsLittleEndian)
            bytes.Reverse();
        return value;
    }

    /// <summary>A 64-bit count of things that take at least <paramref name="smallest"/> bytes each.</summary>
    /// <exception cref="ModelFileException">The rest of the file cannot hold that many.</exception>
    public long Count(int smallest)
    {
        ulong count = Number<ulong>();
        long most = Remaining / smallest;
        return count <= (ulong)most
            ? (long)count
            : throw Wrong($"a count that the rest of the file can hold (at most {most})", $"{count}");
    }

    /// <summary>A string with its length before it. Bytes that are no UTF-8 become U+FFFD.</summary>
    public string Text() => Text(LongestString);

    /// <summary>A key or a tensor's name.</summary>
    public string Name() => Text(LongestName);

    /// <summary>The exception for something unexpected in <see cref="Subject"/>.</summary>
    public ModelFileException Wrong(string expected, string found) => new(file.Path, Subject, expected, found);

    private string Text(int longest)
    {
        long length = Count(1);
        if (length > longest)
            throw Wrong($"a string of at most {longest} bytes", $"{length} bytes");
        if (length <= 256)
        {
            Span<byte> few = stackalloc byte[(int)length];
            Take(few);
            return Encoding.UTF8.GetString(few);
        }

        TensorMemory memory = file.Part(Position, length);
        Position += length;
        string text = Encoding.UTF8.GetString(memory.Slice(0, (int)length));
        GC.KeepAlive(memory);
        return text;
    }

    private void Take(Span<byte> bytes)
    {
        if (bytes.Length > Remaining)
            throw Wrong($"{bytes.Length} bytes at position {Position}", $"the end of the file at {file.Length}");
        file.Read(Position, bytes);
        Position += bytes.Length;
    }
}
