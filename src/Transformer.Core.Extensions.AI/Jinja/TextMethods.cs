namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Methods of strings. Each keeps the marks of what it takes from the string.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Func<Execution, MarkedText, CallArguments, object?>> Methods = new(StringComparer.Ordinal)
    {
        ["upper"] = (_, text, _) => TextFilters.Upper(text),
        ["lower"] = (_, text, _) => TextFilters.Lower(text),
        ["title"] = (_, text, _) => TextFilters.Title(text),
        ["capitalize"] = (_, text, _) => TextFilters.Capitalize(text),
        ["strip"] = (run, text, given) => TextFilters.Trim(text, Characters(run, given), left: true, right: true),
        ["lstrip"] = (run, text, given) => TextFilters.Trim(text, Characters(run, given), left: true, right: false),
        ["rstrip"] = (run, text, given) => TextFilters.Trim(text, Characters(run, given), left: false, right: true),
        ["startswith"] = (run, text, given) => Affixes(run, given).Any(affix => text.Text.StartsWith(affix, StringComparison.Ordinal)),
        ["endswith"] = (run, text, given) => Affixes(run, given).Any(affix => text.Text.EndsWith(affix, StringComparison.Ordinal)),
        ["removeprefix"] = (run, text, given) => Affixes(run, given)[0] is var affix && text.Text.StartsWith(affix, StringComparison.Ordinal) ? text.From(affix.Length) : text,
        ["removesuffix"] = (run, text, given) => Affixes(run, given)[0] is var affix && affix.Length > 0 && text.Text.EndsWith(affix, StringComparison.Ordinal)
            ? text.Slice(0, text.Length - affix.Length) : text,
        ["find"] = (run, text, given) => Place(text, text.Text.IndexOf(Affixes(run, given)[0], StringComparison.Ordinal)),
        ["rfind"] = (run, text, given) => Place(text, text.Text.LastIndexOf(Affixes(run, given)[0], StringComparison.Ordinal)),
        ["count"] = (run, text, given) => Affixes(run, given)[0] is { Length: > 0 } piece ? (long)text.Text.AsSpan().Count(piece) : text.CodePoints().Length,
        ["replace"] = (run, text, given) => TextFilters.Replace(run, text, given),
        ["split"] = (run, text, given) => Split(run, text, given, fromRight: false),
        ["rsplit"] = (run, text, given) => Split(run, text, given, fromRight: true),
        ["splitlines"] = (run, text, given) => SplitLines(run, text, given.TryGet(0, "keepends", out object? keep) && Operations.IsTrue(keep)),
        ["join"] = (run, text, given) => TextFilters.JoinItems(run, text, Operations.Iterate(run, given.TryGet(0, "iterable", out object? items) ? items : new Undefined("items"))),
        ["isdigit"] = (_, text, _) => text.Length > 0 && text.Text.All(char.IsDigit),
        ["isalpha"] = (_, text, _) => text.Length > 0 && text.Text.All(char.IsLetter),
        ["isalnum"] = (_, text, _) => text.Length > 0 && text.Text.All(char.IsLetterOrDigit),
        ["isspace"] = (_, text, _) => text.Length > 0 && text.Text.All(PythonText.WhiteSpace.Contains),
        ["isupper"] = (_, text, _) => text.Text.Any(char.IsUpper) && !text.Text.Any(char.IsLower),
        ["islower"] = (_, text, _) => text.Text.Any(char.IsLower) && !text.Text.Any(char.IsUpper),
        ["format"] = TextFilters.FormatBraces,
    };

    /// <summary>A method, or null if strings have none of that name.</summary>
    public static Func<Execution, MarkedText, CallArguments, object?>? Find(string name) => Methods.GetValueOrDefault(name);

    private static char[]? Characters(Execution run, CallArguments given) => !given.TryGet(0, "chars", out object? characters) || characters is null ? null
        : characters is MarkedText text ? text.Text.ToCharArray()
        : throw run.Error($"expected characters to strip, found {Operations.TypeName(characters)}.");

    private static string[] Affixes(Execution run, CallArguments given) => given.Positional.FirstOrDefault() switch
    {
        MarkedText text => [text.Text],
        JinjaList { IsTuple: true } list when list.Items.All(item => item is MarkedText) => [.. list.Items.Select(item => ((MarkedText)item!).Text)],
        object other => throw run.Error($"expected a string, found {Operations.TypeName(other)}."),
        null => throw run.Error("expected a string, found None."),
    };

    private static long Place(MarkedText text, int index) => index < 0 ? -1 : Array.IndexOf(text.CodePoints(), index);

    private static JinjaList Split(Execution run, MarkedText text, CallArguments given, bool fromRight)
    {
        object? separator = given.TryGet(0, "sep", out object? first) ? first : null;
        long most = given.TryGet(1, "maxsplit", out object? second) && Operations.Number(second) is long number && number >= 0 ? number : long.MaxValue;
        run.ChargeText(text.Length);
        List<object?> pieces = separator switch
        {
            null => SplitSpace(text, most, fromRight),
            MarkedText { Length: > 0 } by => fromRight ? SplitFromRight(text, by.Text, most) : SplitBy(text, by.Text, most),
            MarkedText => throw run.Error("split(): the separator is empty."),
            _ => throw run.Error($"split(): expected a string, found {Operations.TypeName(separator)}."),
        };
        run.Charge(pieces.Count);
        return new JinjaList(pieces);
    }

    private static List<object?> SplitBy(MarkedText text, string separator, long most)
    {
        List<object?> pieces = [];
        int from = 0;
        while (pieces.Count < most && text.Text.IndexOf(separator, from, StringComparison.Ordinal) is int at and >= 0)
        {
            pieces.Add(text.Slice(from, at - from));
            from = at + separator.Length;
        }
        pieces.Add(text.From(from));
        return pieces;
    }

    private static List<object?> SplitFromRight(MarkedText text, string separator, long most)
    {
        List<object?> pieces = [];
        int end = text.Length;
        while (pieces.Count < most && text.Text.AsSpan(0, end).LastIndexOf(separator) is int at and >= 0)
        {
            pieces.Add(text.Slice(at + separator.Length, end - at - separator.Length));
            end = at;
        }
        pieces.Add(text.Slice(0, end));
        pieces.Reverse();
        return pieces;
    }

    private static List<object?> SplitSpace(MarkedText text, long most, bool fromRight)
    {
        List<(int From, int To)> words = [];
        for (int i = 0; i < text.Length;)
        {
            int word = text.Text.AsSpan(i).IndexOfAnyExcept(PythonText.WhiteSpace);
            if (word < 0)
                break;
            int length = text.Text.AsSpan(i + word).IndexOfAny(PythonText.WhiteSpace);
            int end = length < 0 ? text.Length : i + word + length;
            words.Add((i + word, end));
            i = end;
        }
        if (words.Count - 1 > most)
        {
            // the rest stays whole, without the white space at its outer end
            int kept = (int)most;
            words = fromRight
                ? [(0, words[^(kept + 1)].To), .. words[^kept..]]
                : [.. words[..kept], (words[kept].From, text.Length)];
        }
        return [.. words.Select(word => (object?)text.Slice(word.From, word.To - word.From))];
    }

    private static JinjaList SplitLines(Execution run, MarkedText text, bool keepsEnds)
    {
        List<object?> lines = [];
        int from = 0;
        while (from < text.Length)
        {
            int at = text.Text.AsSpan(from).IndexOfAny("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");
            int end = at < 0 ? text.Length : from + at;
            int next = at < 0 ? text.Length : text.Text[end] == '\r' && end + 1 < text.Length && text.Text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text.Slice(from, (keepsEnds ? next : end) - from));
            from = next;
        }
        run.Charge(lines.Count);
        return new JinjaList(lines);
    }
}
