using System.Globalization;
using System.Text;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>C's <c>strftime</c> in the C locale.</summary>
internal static class TimeFormat
{
    /// <summary>Writes a time.</summary>
    public static string Apply(DateTimeOffset time, string format)
    {
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool unpadded = format[i + 1] == '-' && i + 2 < format.Length;
            i += unpadded ? 2 : 1;
            string field = Field(time, format[i]);
            text.Append(unpadded && field.Length > 1 ? field.TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0" : field);
        }
        return text.ToString();
    }

    private static string Field(DateTimeOffset time, char field)
    {
        string Of(string format) => time.ToString(format, CultureInfo.InvariantCulture);
        return field switch
        {
            'Y' => Of("yyyy"),
            'y' => Of("yy"),
            'm' => Of("MM"),
            'd' => Of("dd"),
            'e' => Of("dd").TrimStart('0').PadLeft(2),
            'H' => Of("HH"),
            'I' => Of("hh"),
            'M' => Of("mm"),
            'S' => Of("ss"),
            'f' => Of("ffffff"),
            'p' => Of("tt"),
            'A' => Of("dddd"),
            'a' => Of("ddd"),
            'B' => Of("MMMM"),
            'b' or 'h' => Of("MMM"),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'F' => Of("yyyy-MM-dd"),
            'T' => Of("HH:mm:ss"),
            'R' => Of("HH:mm"),
            'D' => Of("MM/dd/yy"),
            // Python's naive now() has no zone
            'z' or 'Z' => "",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => "%" + field,
        };
    }
}
