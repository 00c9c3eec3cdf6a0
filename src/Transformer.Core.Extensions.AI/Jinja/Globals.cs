namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>The functions that every chat template may call.</summary>
internal static class Globals
{
    /// <summary>A scope with them.</summary>
    public static Scope Create(Execution run)
    {
        Scope scope = new(run);
        scope["namespace"] = new JinjaFunction("namespace", given => Namespace(run, given));
        scope["dict"] = new JinjaFunction("dict", given => Dictionary(run, given));
        scope["range"] = new JinjaFunction("range", given => Range(run, given));
        scope["raise_exception"] = new JinjaFunction("raise_exception", given =>
            throw new ChatTemplateException(PythonText.Str(run, given.Positional.FirstOrDefault()).Text, run.Line, raisedByTemplate: true));
        scope["strftime_now"] = new JinjaFunction("strftime_now", given =>
        {
            MarkedText format = PythonText.Str(run, given.Positional.FirstOrDefault());
            string time = TimeFormat.Apply(run.Time.GetLocalNow(), format.Text);
            return format.HasData ? MarkedText.Data(time) : MarkedText.Template(time);
        });
        return scope;
    }

    private static JinjaNamespace Namespace(Execution run, CallArguments given)
    {
        JinjaNamespace space = new();
        foreach ((object? key, object? value) in Dictionary(run, given).Entries)
            space.Attributes[PythonText.Str(run, key).Text] = value;
        return space;
    }

    private static JinjaMap Dictionary(Execution run, CallArguments given)
    {
        JinjaMap map = new();
        foreach (object? source in given.Positional)
        {
            if (source is JinjaMap other)
            {
                run.Charge(other.Count);
                foreach ((object? key, object? value) in other.Entries)
                    map.Set(key, value);
                continue;
            }
            foreach (object? pair in Operations.Iterate(run, source))
            {
                IReadOnlyList<object?> items = Operations.Iterate(run, pair);
                if (items.Count != 2 || items[0] is JinjaList or JinjaMap)
                    throw run.Error("a dictionary is made of pairs of a key and a value.");
                map.Set(items[0], items[1]);
            }
        }
        // a name may have come by '**' out of data
        foreach ((string name, object? value) in given.Named)
            map.Set(MarkedText.Data(name), value);
        return map;
    }

    private static JinjaList Range(Execution run, CallArguments given)
    {
        long[] numbers = [.. given.Positional.Select(value => Operations.Number(value) as long? ?? throw run.Error($"range() needs integers, found {Operations.TypeName(value)}."))];
        if (numbers.Length is 0 or > 3)
            throw run.Error("range() needs one to three integers.");
        (long from, long to) = numbers.Length == 1 ? (0, numbers[0]) : (numbers[0], numbers[1]);
        long step = numbers.Length == 3 ? numbers[2] : 1;
        if (step == 0)
            throw run.Error("the step of range() cannot be 0.");
        List<object?> items = [];
        for (long i = from; step > 0 ? i < to : i > to; i += step)
        {
            run.Charge(1);
            items.Add(i);
            if (step > 0 ? i > long.MaxValue - step : i < long.MinValue - step)
                break;
        }
        return new JinjaList(items);
    }
}
