using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>
/// The 256 visible characters in which byte-level vocabularies spell bytes: printable Latin-1 stands for itself, the
/// others for U+0100 onward in order (GPT-2's <c>bytes_to_unicode</c>).
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] CharOfByte = new char[256];
    private static readonly Dictionary<char, byte> ByteOfChar = [];

    static ByteLevelAlphabet()
    {
        int unprintable = 0;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            CharOfByte[value] = printable ? (char)value : (char)(0x100 + unprintable++);
            ByteOfChar[CharOfByte[value]] = (byte)value;
        }
    }

    /// <summary>How a byte is spelled.</summary>
    public static char Spell(byte value) => CharOfByte[value];

    /// <summary>How bytes are spelled.</summary>
    public static string Spell(byte[] bytes) => string.Create(bytes.Length, bytes, static (characters, bytes) =>
    {
        for (int i = 0; i < bytes.Length; i++)
            characters[i] = CharOfByte[bytes[i]];
    });

    /// <summary>The bytes that a token spells; a token with any other character stands for its own UTF-8 bytes.</summary>
    public static byte[] BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!ByteOfChar.TryGetValue(token[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(token);
        }
        return bytes;
    }
}
