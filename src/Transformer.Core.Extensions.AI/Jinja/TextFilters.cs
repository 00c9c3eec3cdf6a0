using System.Globalization;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>What filters and methods do to strings.</summary>
internal static class TextFilters
{
    public static MarkedText Upper(MarkedText text) => text.Map(part => part.ToUpperInvariant());

    public static MarkedText Lower(MarkedText text) => text.Map(part => part.ToLowerInvariant());

    /// <summary>The first character big, the others small.</summary>
    public static MarkedText Capitalize(MarkedText text)
    {
        bool first = true;
        return text.Map(part => string.Concat(part.Select(c =>
        {
            char changed = first ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            first = false;
            return changed;
        })));
    }

    /// <summary>The first letter of every word big, as <c>str.title()</c>: a word begins after anything that is no letter.</summary>
    public static MarkedText Title(MarkedText text)
    {
        bool inWord = false;
        return text.Map(part => string.Concat(part.Select(c =>
        {
            char changed = inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);
            inWord = char.IsLetter(c);
            return changed;
        })));
    }

    /// <summary>Jinja's <c>title</c> filter: a word begins after white space, <c>-</c> or an opening bracket.</summary>
    public static MarkedText TitleWords(MarkedText text)
    {
        bool inWord = false;
        return text.Map(part => string.Concat(part.Select(c =>
        {
            char changed = inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c);
            inWord = !(PythonText.WhiteSpace.Contains(c) || c is '-' or '(' or '{' or '[' or '<');
            return changed;
        })));
    }

    /// <summary>Takes characters away at the ends; null: white space.</summary>
    public static MarkedText Trim(MarkedText text, char[]? characters, bool left, bool right)
    {
        ReadOnlySpan<char> set = characters ?? PythonText.WhiteSpace;
        int from = left ? text.Text.AsSpan().IndexOfAnyExcept(set) : 0;
        if (from < 0)
            return MarkedText.Empty;
        int to = right ? text.Text.AsSpan().LastIndexOfAnyExcept(set) : text.Length - 1;
        return to < from ? MarkedText.Empty : text.Slice(from, to - from + 1);
    }

    /// <summary><c>replace(old, new, count)</c>.</summary>
    public static MarkedText Replace(Execution run, MarkedText text, CallArguments given)
    {
        if (!given.TryGet(0, "old", out object? first) || !given.TryGet(1, "new", out object? second))
            throw run.Error("replace() needs an old and a new string.");
        MarkedText old = PythonText.Str(run, first);
        MarkedText with = PythonText.Str(run, second);
        long most = given.TryGet(2, "count", out object? third) && Operations.Number(third) is long number && number >= 0 ? number : long.MaxValue;
        MarkedTextBuilder builder = run.NewText();
        int from = 0;
        for (long done = 0; done < most; done++)
        {
            int at;
            if (old.Length > 0)
                at = text.Text.IndexOf(old.Text, from, StringComparison.Ordinal);
            else if (done == 0)
                at = 0;
            else
                // nothing is found before every character and at the end
                at = from < text.Length ? from + (char.IsHighSurrogate(text.Text[from]) && from + 1 < text.Length ? 2 : 1) : -1;
            if (at < 0)
                break;
            builder.Append(text.Slice(from, at - from)).Append(with);
            from = at + old.Length;
        }
        return builder.Append(text.From(from)).ToText();
    }

    /// <summary>Texts with one between them.</summary>
    public static MarkedText JoinItems(Execution run, MarkedText between, IReadOnlyList<object?> items)
    {
        MarkedTextBuilder builder = run.NewText();
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0)
                builder.Append(between);
            builder.Append(PythonText.Str(run, items[i]));
        }
        return builder.ToText();
    }

    /// <summary><c>indent(width, first, blank)</c>: spaces, or a text, before every line.</summary>
    public static MarkedText Indent(Execution run, MarkedText text, CallArguments given)
    {
        MarkedText indent = !given.TryGet(0, "width", out object? width) ? MarkedText.Template("    ")
            : width is MarkedText own ? own
            : Operations.Number(width) is long count && count <= 10_000 ? MarkedText.Template(new string(' ', (int)Math.Max(count, 0)))
            : throw run.Error("indent() needs a number of spaces, at most 10000, or a text.");
        bool first = given.TryGet(1, "first", out object? one) && Operations.IsTrue(one);
        bool blank = given.TryGet(2, "blank", out object? two) && Operations.IsTrue(two);
        MarkedTextBuilder builder = run.NewText();
        int from = 0;
        for (int line = 0; ; line++)
        {
            int end = text.Text.IndexOf('\n', from);
            MarkedText piece = text.Slice(from, (end < 0 ? text.Length : end) - from);
            if (line == 0 ? first : blank || piece.Length > 0)
                builder.Append(indent);
            builder.Append(piece);
            if (end < 0)
                return builder.ToText();
            builder.Append(text.Slice(end, 1));
            from = end + 1;
        }
    }

    /// <summary>The five characters that mean something in HTML.</summary>
    public static MarkedText Escape(MarkedText text) => text.Map(part =>
        part.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;"));

    /// <summary><c>'%s and %d' % (a, b)</c>: <c>%s %r %d %i %f %.2f %%</c>.</summary>
    public static MarkedText FormatPercent(Execution run, MarkedText format, IReadOnlyList<object?> values)
    {
        MarkedTextBuilder builder = run.NewText();
        int next = 0;
        int from = 0;
        while (format.Text.IndexOf('%', from) is int at and >= 0)
        {
            builder.Append(format.Slice(from, at - from));
            int end = at + 1;
            while (end < format.Length && (char.IsAsciiDigit(format.Text[end]) || format.Text[end] == '.'))
                end++;
            char kind = end < format.Length ? format.Text[end] : '\0';
            string size = format.Text[(at + 1)..end];
            from = end + 1;
            if (kind == '%')
            {
                builder.Append(format.Slice(end, 1));
                continue;
            }
            object? value = next < values.Count ? values[next++] : throw run.Error("'%' has too few values.");
            builder.Append(kind switch
            {
                's' when size.Length == 0 => PythonText.Str(run, value),
                'd' or 'i' when size.Length == 0 && Operations.Number(value) is { } number => PythonText.Str(run, number is double fraction ? (long)fraction : number),
                'f' when Operations.Number(value) is { } number && Decimals(size) is { } decimals =>
                    MarkedText.Data(Operations.ToDouble(number).ToString("F" + decimals, CultureInfo.InvariantCulture)),
                _ => throw run.Error($"'%{size}{kind}' is not supported, or not for {Operations.TypeName(value)}."),
            });
        }
        if (next < values.Count)
            throw run.Error("'%' has too many values.");
        return builder.Append(format.From(from)).ToText();
    }

    private static int? Decimals(string size) => size.Length == 0 ? 6
        : size[0] == '.' && int.TryParse(size.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int decimals) && decimals <= 30 ? decimals
        : null;

    /// <summary><c>'{} {name}'.format(...)</c>, without conversions and format specifications.</summary>
    public static MarkedText FormatBraces(Execution run, MarkedText format, CallArguments given)
    {
        MarkedTextBuilder builder = run.NewText();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format.Text[i];
            if (c is not ('{' or '}'))
                builder.Append(format.Slice(i, 1));
            else if (i + 1 < format.Length && format.Text[i + 1] == c)
                builder.Append(format.Slice(i++, 1));
            else
            {
                int end = c == '{' ? format.Text.IndexOf('}', i) : -1;
                if (end < 0)
                    throw run.Error("format(): a brace is alone.");
                string name = format.Text[(i + 1)..end];
                int place = name.Length == 0 ? next++ : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue;
                builder.Append(PythonText.Str(run, given.TryGet(place, name, out object? value) ? value : throw run.Error($"format(): there is no '{name}', or it is not supported.")));
                i = end;
            }
        }
        return builder.ToText();
    }
}
