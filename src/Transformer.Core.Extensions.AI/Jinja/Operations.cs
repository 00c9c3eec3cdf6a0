using System.Globalization;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Truth, comparison and arithmetic as Python has them.</summary>
internal static class Operations
{
    /// <summary>Python's truth: nothing, zero and empty things are false.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        MarkedText text => text.Length > 0,
        JinjaList list => list.Items.Count > 0,
        JinjaMap map => map.Count > 0,
        _ => true,
    };

    /// <summary>A type as Python names it.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "None",
        Undefined undefined => $"undefined '{undefined.Name}'",
        bool => "a boolean",
        long => "an integer",
        double => "a float",
        MarkedText => "a string",
        JinjaList { IsTuple: true } => "a tuple",
        JinjaList => "a list",
        JinjaMap => "a dictionary",
        JinjaNamespace => "a namespace",
        _ => "a function",
    };

    /// <summary>The items of a list, the keys of a dictionary, the characters of a string.</summary>
    public static IReadOnlyList<object?> Iterate(Execution run, object? value)
    {
        switch (value)
        {
            case JinjaList list:
                run.Charge(list.Items.Count);
                return list.Items;
            case JinjaMap map:
                run.Charge(map.Count);
                return [.. map.Keys];
            case Undefined:
                return [];
            case MarkedText text:
                run.Charge(text.Length);
                int[] points = text.CodePoints();
                return [.. points.Zip(points.Skip(1), (start, end) => (object?)text.Slice(start, end - start))];
            default:
                throw run.Error($"{TypeName(value)} cannot be walked through.");
        }
    }

    /// <summary><c>==</c>.</summary>
    public static bool AreEqual(Execution run, object? left, object? right, int depth = 0)
    {
        run.Charge(1);
        run.CheckDepth(depth);
        return (Number(left), Number(right)) is (object a, object b) ? (a is long x && b is long y ? x == y : ToDouble(a) == ToDouble(b))
            : (left, right) switch
            {
                (null, null) => true,
                (Undefined, Undefined) => true,
                (MarkedText a2, MarkedText b2) => a2.Equals(b2),
                (JinjaList a2, JinjaList b2) => a2.IsTuple == b2.IsTuple && a2.Items.Count == b2.Items.Count
                    && a2.Items.Zip(b2.Items).All(pair => AreEqual(run, pair.First, pair.Second, depth + 1)),
                (JinjaMap a2, JinjaMap b2) => a2.Count == b2.Count
                    && a2.Entries.All(entry => b2.TryGet(entry.Key, out object? other) && AreEqual(run, entry.Value, other, depth + 1)),
                _ => ReferenceEquals(left, right),
            };
    }

    /// <summary>One comparison.</summary>
    public static bool Compare(Execution run, string symbol, object? left, object? right) => symbol switch
    {
        "==" => AreEqual(run, left, right),
        "!=" => !AreEqual(run, left, right),
        "in" => Contains(run, right, left),
        "not in" => !Contains(run, right, left),
        "<" => Order(run, left, right) < 0,
        "<=" => Order(run, left, right) <= 0,
        ">" => Order(run, left, right) > 0,
        _ => Order(run, left, right) >= 0,
    };

    /// <summary>Less than 0, 0 or more: how two values are ordered.</summary>
    public static int Order(Execution run, object? left, object? right, int depth = 0)
    {
        run.Charge(1);
        run.CheckDepth(depth);
        if ((Number(left), Number(right)) is (object a, object b))
            return a is long x && b is long y ? x.CompareTo(y) : ToDouble(a).CompareTo(ToDouble(b));
        switch (left, right)
        {
            case (MarkedText one, MarkedText other):
                return OrderText(one.Text, other.Text);
            case (JinjaList one, JinjaList other) when one.IsTuple == other.IsTuple:
                for (int i = 0; i < Math.Min(one.Items.Count, other.Items.Count); i++)
                {
                    if (Order(run, one.Items[i], other.Items[i], depth + 1) is not 0 and var order)
                        return order;
                }
                return one.Items.Count.CompareTo(other.Items.Count);
            default:
                throw run.Error($"{TypeName(left)} and {TypeName(right)} cannot be ordered.");
        }
    }

    // by code points, as Python does: surrogates come after the rest of the basic plane
    private static int OrderText(string left, string right)
    {
        int same = left.AsSpan().CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        (char a, char b) = (left[same], right[same]);
        return char.IsSurrogate(a) != char.IsSurrogate(b) ? char.IsSurrogate(a).CompareTo(char.IsSurrogate(b)) : a.CompareTo(b);
    }

    private static bool Contains(Execution run, object? container, object? item)
    {
        switch (container)
        {
            case MarkedText text when item is MarkedText piece:
                run.ChargeText(text.Length);
                return text.Text.Contains(piece.Text, StringComparison.Ordinal);
            case MarkedText:
                throw run.Error($"only a string can be in a string, found {TypeName(item)}.");
            case JinjaMap map:
                return item is not (JinjaList or JinjaMap) && map.TryGet(item, out _);
            default:
                return Iterate(run, container).Any(candidate => AreEqual(run, candidate, item));
        }
    }

    /// <summary><c>+a</c> and <c>-a</c>.</summary>
    public static object Sign(Execution run, bool isMinus, object? value) => Number(value) switch
    {
        long number when isMinus && number == long.MinValue => throw Overflow(run),
        long number => (object)(isMinus ? -number : number),
        double number => isMinus ? -number : number,
        _ => throw run.Error($"{TypeName(value)} has no sign."),
    };

    /// <summary>Arithmetic on numbers, <c>+</c> and <c>*</c> on strings and lists, <c>~</c> on everything.</summary>
    public static object Binary(Execution run, string symbol, object? left, object? right)
    {
        if (symbol == "~")
            return Join(run, PythonText.Str(run, left), PythonText.Str(run, right));
        switch (symbol, left, right)
        {
            case ("+", MarkedText one, MarkedText other):
                return Join(run, one, other);
            case ("+", JinjaList one, JinjaList other) when one.IsTuple == other.IsTuple:
                run.Charge(one.Items.Count + (long)other.Items.Count);
                return new JinjaList([.. one.Items, .. other.Items], one.IsTuple);
            case ("*", MarkedText or JinjaList, long or bool):
                return Repeat(run, left, (long)Number(right)!);
            case ("*", long or bool, MarkedText or JinjaList):
                return Repeat(run, right, (long)Number(left)!);
            case ("%", MarkedText format, _):
                return TextFilters.FormatPercent(run, format, right is JinjaList { IsTuple: true } list ? list.Items : [right]);
        }
        if ((Number(left), Number(right)) is not (object a, object b))
            throw run.Error($"'{symbol}' is not for {TypeName(left)} and {TypeName(right)}.");
        try
        {
            return a is long x && b is long y ? Integers(run, symbol, x, y) : Floats(run, symbol, ToDouble(a), ToDouble(b));
        }
        catch (OverflowException)
        {
            throw Overflow(run);
        }
    }

    private static MarkedText Join(Execution run, MarkedText left, MarkedText right) =>
        left.Length == 0 ? right : right.Length == 0 ? left : run.NewText().Append(left).Append(right).ToText();

    private static object Repeat(Execution run, object? value, long times)
    {
        times = Math.Max(times, 0);
        if (value is MarkedText text)
        {
            run.ChargeText(text.Length == 0 ? 0 : Math.Min(times, int.MaxValue) * text.Length);
            MarkedTextBuilder builder = run.NewText();
            for (long i = 0; i < times && text.Length > 0; i++)
                builder.Append(text);
            return builder.ToText();
        }
        JinjaList list = (JinjaList)value!;
        run.Charge(Math.Min(times, int.MaxValue) * list.Items.Count);
        List<object?> items = [];
        for (long i = 0; i < times && list.Items.Count > 0; i++)
            items.AddRange(list.Items);
        return new JinjaList(items, list.IsTuple);
    }

    private static object Integers(Execution run, string symbol, long a, long b)
    {
        if (b == 0 && symbol is "/" or "//" or "%")
            throw run.Error("division by zero.");
        checked
        {
            return symbol switch
            {
                "+" => (object)(a + b),
                "-" => a - b,
                "*" => a * b,
                "/" => (double)a / b,
                "//" => a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0),
                "%" when b == -1 => 0L,
                "%" => a % b is not 0 and var rest && (rest < 0) != (b < 0) ? rest + b : a % b,
                _ => b < 0 ? (object)Math.Pow(a, b) : Power(run, a, b),
            };
        }
    }

    private static long Power(Execution run, long value, long exponent)
    {
        if (value is 0 or 1)
            return exponent == 0 ? 1 : value;
        if (value == -1)
            return exponent % 2 == 0 ? 1 : -1;
        if (exponent > 63)
            throw Overflow(run);
        long power = 1;
        for (long i = 0; i < exponent; i++)
            power = checked(power * value);
        return power;
    }

    private static double Floats(Execution run, string symbol, double a, double b)
    {
        if (b == 0 && symbol is "/" or "//" or "%")
            throw run.Error("division by zero.");
        return symbol switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - (Math.Floor(a / b) * b),
            _ => Math.Pow(a, b),
        };
    }

    /// <summary>A value as a number (booleans are 0 and 1), or null if it is none.</summary>
    public static object? Number(object? value) => value switch
    {
        bool flag => flag ? 1L : 0L,
        long or double => value,
        _ => null,
    };

    /// <summary>A number as a float.</summary>
    public static double ToDouble(object number) => Convert.ToDouble(number, CultureInfo.InvariantCulture);

    private static ChatTemplateException Overflow(Execution run) => run.Error("an integer does not fit 64 bits.");
}
