namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Attributes, entries, slices and methods of values.</summary>
internal static class Members
{
    /// <summary>Methods that would change a value: the sandbox of Hugging Face refuses them too.</summary>
    private static readonly HashSet<string> Changing =
        ["append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault", "sort", "reverse", "add", "discard"];

    /// <summary><c>value.name</c>.</summary>
    public static object? Attribute(Execution run, object? value, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
            throw run.Error($"access to '{name}' is not allowed.");
        return value switch
        {
            Undefined missing => throw run.Error($"'{missing.Name}' is undefined and has no '{name}'."),
            JinjaNamespace space => space.Attributes.TryGetValue(name, out object? found) ? found : new Undefined(name),
            LoopState loop => loop.Attribute(name),
            _ => Method(run, value, name) ?? (value is JinjaMap map && map.TryGet(name, out object? entry) ? entry : new Undefined(name)),
        };
    }

    /// <summary><c>value[key]</c>.</summary>
    public static object? Item(Execution run, object? value, object? key)
    {
        switch (value)
        {
            case Undefined missing:
                throw run.Error($"'{missing.Name}' is undefined and has no '{PythonText.Str(run, key)}'.");
            case JinjaMap map when key is not (JinjaList { IsTuple: false } or JinjaMap or JinjaNamespace) && map.TryGet(key, out object? entry):
                return entry;
            case JinjaList list when key is long or bool:
                return At(list.Items.Count, key) is int index and >= 0 ? list.Items[index] : new Undefined($"item {PythonText.Str(run, key)}");
            case MarkedText text when key is long or bool:
                int[] points = text.CodePoints();
                int at = At(points.Length - 1, key);
                return at >= 0 ? text.Slice(points[at], points[at + 1] - points[at]) : new Undefined($"item {PythonText.Str(run, key)}");
        }
        return key is MarkedText name ? Attribute(run, value, name.Text) : new Undefined(PythonText.Str(run, key).Text);
    }

    private static int At(int count, object key)
    {
        long index = (long)Operations.Number(key)!;
        index = index < 0 ? index + count : index;
        return index >= 0 && index < count ? (int)index : -1;
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public static object Slice(Execution run, object? value, long? start, long? stop, long? step)
    {
        long stride = step ?? 1;
        if (stride == 0)
            throw run.Error("the step of a slice cannot be 0.");
        switch (value)
        {
            case JinjaList list:
                return new JinjaList([.. Places(run, list.Items.Count, start, stop, stride).Select(i => list.Items[i])], list.IsTuple);
            case MarkedText text:
                int[] points = text.CodePoints();
                if (stride == 1)
                {
                    (long from, long to) = Bounds(points.Length - 1, start, stop, 1);
                    return from < to ? text.Slice(points[from], points[to] - points[from]) : MarkedText.Empty;
                }
                MarkedTextBuilder builder = run.NewText();
                foreach (int i in Places(run, points.Length - 1, start, stop, stride))
                    builder.Append(text.Slice(points[i], points[i + 1] - points[i]));
                return builder.ToText();
            case Undefined missing:
                throw run.Error($"'{missing.Name}' is undefined and has no slices.");
            default:
                throw run.Error($"{Operations.TypeName(value)} has no slices.");
        }
    }

    private static (long From, long To) Bounds(int count, long? start, long? stop, long step)
    {
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? count : count - 1;
        long Settle(long? bound, long fallback) => bound is not { } place ? fallback : Math.Clamp(place < 0 ? place + count : place, low, high);
        return (Settle(start, step > 0 ? low : high), Settle(stop, step > 0 ? high : low));
    }

    private static IEnumerable<int> Places(Execution run, int count, long? start, long? stop, long step)
    {
        run.Charge(count);
        (long from, long to) = Bounds(count, start, stop, step);
        // a step beyond the count reaches one place at most
        step = Math.Clamp(step, -count - 1L, count + 1L);
        for (long i = from; step > 0 ? i < to : i > to; i += step)
            yield return (int)i;
    }

    private static JinjaFunction? Method(Execution run, object? value, string name) => value switch
    {
        MarkedText text when TextMethods.Find(name) is { } method => new JinjaFunction(name, given => method(run, text, given)),
        JinjaMap map => MapMethod(run, map, name),
        JinjaList or JinjaMap when Changing.Contains(name) => throw run.Error($"'{name}' would change a value, which a template may not."),
        JinjaList list when name == "count" => new JinjaFunction(name, given => (long)list.Items.Count(item => Operations.AreEqual(run, item, given.Positional.FirstOrDefault()))),
        JinjaList list when name == "index" => new JinjaFunction(name, given => Index(run, list, given.Positional.FirstOrDefault())),
        _ => null,
    };

    private static object Index(Execution run, JinjaList list, object? item)
    {
        int at = list.Items.FindIndex(candidate => Operations.AreEqual(run, candidate, item));
        return at >= 0 ? (long)at : throw run.Error("index(): there is no such item.");
    }

    private static JinjaFunction? MapMethod(Execution run, JinjaMap map, string name) => name switch
    {
        "items" => new JinjaFunction(name, _ => Charged(run, map.Count, map.Entries.Select(entry => (object?)JinjaList.Tuple(entry.Key, entry.Value)))),
        "keys" => new JinjaFunction(name, _ => Charged(run, map.Count, map.Keys)),
        "values" => new JinjaFunction(name, _ => Charged(run, map.Count, map.Values)),
        "get" => new JinjaFunction(name, given => map.TryGet(given.TryGet(0, "key", out object? key) ? key : throw run.Error("get() needs a key."), out object? found) ? found
            : given.TryGet(1, "default", out object? fallback) ? fallback : null),
        "copy" => new JinjaFunction(name, _ => map),
        // an entry of that name is meant, unless it is a method that is asked for
        _ when Changing.Contains(name) && !map.TryGet(name, out _) => new JinjaFunction(name, _ => throw run.Error($"'{name}' would change a value, which a template may not.")),
        _ => null,
    };

    private static JinjaList Charged(Execution run, int count, IEnumerable<object?> items)
    {
        run.Charge(count);
        return new JinjaList([.. items]);
    }
}
