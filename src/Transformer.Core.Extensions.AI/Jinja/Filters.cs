using System.Globalization;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Filters by name.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<Execution, object?, CallArguments, object?>> Table = new(StringComparer.Ordinal)
    {
        ["tojson"] = JsonText.Apply,
        ["string"] = (run, value, _) => PythonText.Str(run, value),
        ["safe"] = (run, value, _) => PythonText.Str(run, value),
        ["trim"] = (run, value, given) => TextFilters.Trim(
            PythonText.Str(run, value), given.TryGet(0, "chars", out object? set) && set is MarkedText characters ? characters.Text.ToCharArray() : null, true, true),
        ["upper"] = (run, value, _) => TextFilters.Upper(PythonText.Str(run, value)),
        ["lower"] = (run, value, _) => TextFilters.Lower(PythonText.Str(run, value)),
        ["title"] = (run, value, _) => TextFilters.TitleWords(PythonText.Str(run, value)),
        ["capitalize"] = (run, value, _) => TextFilters.Capitalize(PythonText.Str(run, value)),
        ["replace"] = (run, value, given) => TextFilters.Replace(run, PythonText.Str(run, value), given),
        ["indent"] = (run, value, given) => TextFilters.Indent(run, PythonText.Str(run, value), given),
        ["escape"] = (run, value, _) => TextFilters.Escape(PythonText.Str(run, value)),
        ["e"] = (run, value, _) => TextFilters.Escape(PythonText.Str(run, value)),
        ["forceescape"] = (run, value, _) => TextFilters.Escape(PythonText.Str(run, value)),
        ["format"] = (run, value, given) => TextFilters.FormatPercent(run, PythonText.Str(run, value), given.Positional),
        ["length"] = Length,
        ["count"] = Length,
        ["default"] = Default,
        ["d"] = Default,
        ["int"] = Integer,
        ["float"] = Float,
        ["abs"] = (run, value, _) => Operations.Number(value) switch
        {
            long number when number != long.MinValue => (object)Math.Abs(number),
            double number => Math.Abs(number),
            _ => throw run.Error($"abs: {Operations.TypeName(value)} is no number that it is for."),
        },
        ["round"] = Round,
        ["first"] = (run, value, _) => Operations.Iterate(run, value) is { Count: > 0 } items ? items[0] : new Undefined("first"),
        ["last"] = (run, value, _) => Operations.Iterate(run, value) is { Count: > 0 } items ? items[^1] : new Undefined("last"),
        ["list"] = (run, value, _) => new JinjaList([.. Operations.Iterate(run, value)]),
        ["items"] = (run, value, _) => value is Undefined ? new JinjaList([])
            : value is JinjaMap map ? new JinjaList([.. map.Entries.Select(entry => (object?)JinjaList.Tuple(entry.Key, entry.Value))])
            : throw run.Error($"items: {Operations.TypeName(value)} is no dictionary."),
        ["attr"] = (run, value, given) => Members.Attribute(run, value, given.TryGet(0, "name", out object? name) ? PythonText.Str(run, name).Text : ""),
        ["join"] = ListFilters.Join,
        ["map"] = ListFilters.Map,
        ["select"] = (run, value, given) => ListFilters.Select(run, value, given, wanted: true, byAttribute: false),
        ["reject"] = (run, value, given) => ListFilters.Select(run, value, given, wanted: false, byAttribute: false),
        ["selectattr"] = (run, value, given) => ListFilters.Select(run, value, given, wanted: true, byAttribute: true),
        ["rejectattr"] = (run, value, given) => ListFilters.Select(run, value, given, wanted: false, byAttribute: true),
        ["reverse"] = ListFilters.Reverse,
        ["sort"] = ListFilters.Sort,
        ["dictsort"] = ListFilters.SortMap,
        ["unique"] = ListFilters.Unique,
        ["sum"] = ListFilters.Sum,
        ["min"] = (run, value, given) => ListFilters.Extreme(run, value, given, sign: -1),
        ["max"] = (run, value, given) => ListFilters.Extreme(run, value, given, sign: 1),
        ["batch"] = ListFilters.Batch,
        ["groupby"] = ListFilters.Group,
    };

    /// <summary>Applies a filter.</summary>
    public static object? Apply(Execution run, string name, object? value, CallArguments given) =>
        Table.TryGetValue(name, out Func<Execution, object?, CallArguments, object?>? filter)
            ? filter(run, value, given)
            : throw run.Error($"unknown filter '{name}'.");

    private static object Length(Execution run, object? value, CallArguments given) => value switch
    {
        MarkedText text => text.CodePoints().Length - 1L,
        JinjaList list => (long)list.Items.Count,
        JinjaMap map => (long)map.Count,
        Undefined => 0L,
        _ => throw run.Error($"{Operations.TypeName(value)} has no length."),
    };

    private static object? Default(Execution run, object? value, CallArguments given)
    {
        bool alsoFalse = given.TryGet(1, "boolean", out object? flag) && Operations.IsTrue(flag);
        if (value is not Undefined && !(alsoFalse && !Operations.IsTrue(value)))
            return value;
        return given.TryGet(0, "default_value", out object? fallback) ? fallback : MarkedText.Empty;
    }

    private static object? Integer(Execution run, object? value, CallArguments given)
    {
        object? fallback = given.TryGet(0, "default", out object? first) ? first : 0L;
        switch (Operations.Number(value))
        {
            case long number:
                return number;
            case double number:
                return double.IsFinite(number) && Math.Abs(number) < 9e18 ? (long)Math.Truncate(number) : fallback;
        }
        if (value is not MarkedText text)
            return fallback;
        string digits = text.Text.Trim(PythonText.WhiteSpace);
        int radix = given.TryGet(1, "base", out object? second) && Operations.Number(second) is long given2 ? (int)given2 : 10;
        if (radix == 16 && long.TryParse(digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long hex))
            return hex;
        return long.TryParse(digits.Replace("_", ""), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed) ? (object)parsed
            : double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && Math.Abs(real) < 9e18 ? (long)Math.Truncate(real)
            : fallback;
    }

    private static object? Float(Execution run, object? value, CallArguments given) => Operations.Number(value) is { } number ? Operations.ToDouble(number)
        : value is MarkedText text && double.TryParse(text.Text.Trim(PythonText.WhiteSpace), NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) ? parsed
        : given.TryGet(0, "default", out object? fallback) ? fallback : 0.0;

    private static object Round(Execution run, object? value, CallArguments given)
    {
        if (Operations.Number(value) is not { } number)
            throw run.Error($"round: {Operations.TypeName(value)} is no number.");
        long digits = given.TryGet(0, "precision", out object? first) && Operations.Number(first) is long places ? Math.Clamp(places, -15, 15) : 0;
        string method = given.TryGet(1, "method", out object? second) ? PythonText.Str(run, second).Text : "common";
        double scale = Math.Pow(10, digits);
        double exact = Operations.ToDouble(number);
        // an integer stays one under Python's own round()
        return method switch
        {
            "common" when number is long && digits >= 0 => number,
            "common" => digits >= 0 ? Math.Round(exact, (int)digits, MidpointRounding.ToEven) : Math.Round(exact * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(exact * scale) / scale,
            "floor" => Math.Floor(exact * scale) / scale,
            _ => throw run.Error($"round: unknown method '{method}'; expected common, ceil or floor."),
        };
    }
}
