using System.Globalization;
using System.Text;

namespace Transformer.Core.Tool.Output;

/// <summary>Numbers and tokens as people read them.</summary>
internal static class Readable
{
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):N2} GiB"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):N2} MiB"),
        >= 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 10):N2} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Number(double value, string format = "N1") => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>A token in one line, with the spaces at its ends visible.</summary>
    public static string Token(string piece)
    {
        StringBuilder text = new("'");
        foreach (char c in piece)
        {
            text.Append(c switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ when char.IsControl(c) => $"\\x{(int)c:x2}",
                _ => c.ToString(),
            });
        }
        return text.Append('\'').ToString();
    }
}
