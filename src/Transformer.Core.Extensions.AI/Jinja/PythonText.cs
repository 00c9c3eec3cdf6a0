using System.Globalization;
using System.Text;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>How Python writes values: <c>str()</c> and <c>repr()</c>.</summary>
internal static class PythonText
{
    /// <summary>What <c>str.strip()</c> takes away.</summary>
    public static readonly char[] WhiteSpace =
        [.. Enumerable.Range(0, 0x3001).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f')];

    /// <summary><c>str(value)</c>; an undefined value is empty.</summary>
    public static MarkedText Str(Execution run, object? value)
    {
        if (value is MarkedText text)
            return text;
        MarkedTextBuilder builder = run.NewText();
        if (value is not Undefined)
            Repr(run, value, builder, 0);
        return builder.ToText();
    }

    /// <summary>A float as Python writes it.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0.0" : "0.0";
        string digits = Math.Abs(value).ToString("E16", CultureInfo.InvariantCulture);
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int exponent = int.Parse(digits.AsSpan(digits.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = value < 0 ? "-" : "";

        // the shortest digits that read back, without point and exponent
        int mark = shortest.IndexOf('E');
        string mantissa = (mark < 0 ? shortest : shortest[..mark]).Replace(".", "").TrimStart('0').TrimEnd('0');
        if (exponent is < -4 or >= 16)
        {
            string fraction = mantissa.Length > 1 ? "." + mantissa[1..] : "";
            return $"{sign}{mantissa[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{mantissa}";
        mantissa = mantissa.PadRight(exponent + 1, '0');
        string after = mantissa[(exponent + 1)..];
        return $"{sign}{mantissa[..(exponent + 1)]}.{(after.Length > 0 ? after : "0")}";
    }

    private static void Repr(Execution run, object? value, MarkedTextBuilder builder, int depth)
    {
        run.CheckDepth(depth);
        switch (value)
        {
            case null:
                builder.Append("None", false);
                break;
            case bool flag:
                builder.Append(flag ? "True" : "False", false);
                break;
            case long number:
                builder.Append(number.ToString(CultureInfo.InvariantCulture), false);
                break;
            case double number:
                builder.Append(Float(number), false);
                break;
            case MarkedText text:
                ReprText(text, builder);
                break;
            case Undefined:
                builder.Append("Undefined", false);
                break;
            case JinjaList list:
                ReprItems(run, list, builder, depth);
                break;
            case JinjaMap map:
                builder.Append("{", false);
                string comma = "";
                foreach ((object? key, object? item) in map.Entries)
                {
                    builder.Append(comma, false);
                    Repr(run, key, builder, depth + 1);
                    builder.Append(": ", false);
                    Repr(run, item, builder, depth + 1);
                    comma = ", ";
                }
                builder.Append("}", false);
                break;
            case JinjaNamespace:
                builder.Append("<Namespace>", false);
                break;
            case JinjaFunction function:
                builder.Append($"<function {function.Name}>", false);
                break;
            default:
                throw run.Error($"a value of type {value.GetType().Name} has no text.");
        }
    }

    private static void ReprItems(Execution run, JinjaList list, MarkedTextBuilder builder, int depth)
    {
        builder.Append(list.IsTuple ? "(" : "[", false);
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (i > 0)
                builder.Append(", ", false);
            Repr(run, list.Items[i], builder, depth + 1);
        }
        builder.Append(list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]", false);
    }

    private static void ReprText(MarkedText text, MarkedTextBuilder builder)
    {
        char quote = text.Text.Contains('\'') && !text.Text.Contains('"') ? '"' : '\'';
        builder.Append([quote], false);
        foreach (TextPart part in text.Parts)
        {
            foreach (Rune rune in part.Text.EnumerateRunes())
                builder.Append(Escaped(rune, quote), part.IsTemplate);
        }
        builder.Append([quote], false);
    }

    private static string Escaped(Rune rune, char quote) => rune.Value switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\\' => "\\\\",
        int value when value == quote => "\\" + quote,
        < 0x20 or 0x7f => $"\\x{rune.Value:x2}",
        >= 0x80 and < 0x100 when !IsPrintable(rune) => $"\\x{rune.Value:x2}",
        < 0x10000 when !IsPrintable(rune) => $"\\u{rune.Value:x4}",
        _ when !IsPrintable(rune) => $"\\U{rune.Value:x8}",
        _ => rune.ToString(),
    };

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
