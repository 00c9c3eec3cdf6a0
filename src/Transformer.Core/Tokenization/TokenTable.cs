using System.Globalization;
using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>The bytes and names of every id. The one source of truth for decoding.</summary>
/// <remarks>
/// The library's own Decode is not used: it replaces the halves of a split character and says nothing about ids out
/// of range. All bytes lie in one array, so that a vocabulary is two objects for the garbage collector, not 150,000.
/// </remarks>
internal sealed class TokenTable
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly string?[] _names;

    /// <summary>Creates the table.</summary>
    /// <param name="bytes">Per id the UTF-8 bytes it stands for, or null for none.</param>
    /// <param name="names">Per id the name of a token without text, or null where the text is the name.</param>
    public TokenTable(byte[]?[] bytes, string?[] names)
    {
        _starts = new int[bytes.Length + 1];
        for (int id = 0; id < bytes.Length; id++)
            _starts[id + 1] = checked(_starts[id] + (bytes[id]?.Length ?? 0));
        _bytes = new byte[_starts[^1]];
        for (int id = 0; id < bytes.Length; id++)
            bytes[id]?.CopyTo(_bytes, _starts[id]);
        _names = names;
    }

    /// <summary>Number of ids.</summary>
    public int Count => _names.Length;

    /// <summary>The bytes of the id found at a place of a sequence.</summary>
    /// <exception cref="TokenOutOfRangeException">The id is out of range.</exception>
    public ReadOnlySpan<byte> Bytes(int id, int index = 0)
    {
        if ((uint)id >= (uint)Count)
            throw new TokenOutOfRangeException(id, index, Count);
        return _bytes.AsSpan(_starts[id].._starts[id + 1]);
    }

    /// <summary>The name or text of an id; bytes that are no character are written <c>&lt;0xE4&gt;</c>.</summary>
    /// <exception cref="TokenOutOfRangeException">The id is out of range.</exception>
    public string Text(int id)
    {
        ReadOnlySpan<byte> bytes = Bytes(id);
        if (_names[id] is { } name)
            return name;
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            bool whole = Rune.DecodeFromUtf8(bytes, out Rune rune, out int used) == System.Buffers.OperationStatus.Done;
            if (whole)
            {
                text.Append(rune.ToString());
            }
            else
            {
                used = 1;
                text.Append(CultureInfo.InvariantCulture, $"<0x{bytes[0]:X2}>");
            }
            bytes = bytes[used..];
        }
        return text.ToString();
    }
}
