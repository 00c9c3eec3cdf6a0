namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Filters over the items of a value.</summary>
internal static class ListFilters
{
    /// <summary><c>join(between, attribute)</c>.</summary>
    public static object Join(Execution run, object? value, CallArguments given)
    {
        MarkedText between = given.TryGet(0, "d", out object? first) ? PythonText.Str(run, first) : MarkedText.Empty;
        IReadOnlyList<object?> items = Operations.Iterate(run, value);
        if (given.TryGet(1, "attribute", out object? attribute) && attribute is not null)
            items = [.. items.Select(item => Get(run, item, attribute))];
        return TextFilters.JoinItems(run, between, items);
    }

    /// <summary><c>map('filter', ...)</c> or <c>map(attribute='name', default=...)</c>.</summary>
    public static object Map(Execution run, object? value, CallArguments given)
    {
        IReadOnlyList<object?> items = Some(run, value);
        if (given.Positional.Count == 0 && given.Named.TryGetValue("attribute", out object? attribute))
        {
            return new JinjaList([.. items.Select(item => Get(run, item, attribute) is var found && found is Undefined && given.Named.TryGetValue("default", out object? fallback)
                ? fallback : found)]);
        }
        if (given.Positional.Count == 0 || given.Positional[0] is not MarkedText name)
            throw run.Error("map: expected the name of a filter, or attribute=.");
        CallArguments rest = given.Skip(1);
        return new JinjaList([.. items.Select(item => Filters.Apply(run, name.Text, item, rest))]);
    }

    /// <summary><c>select</c>, <c>reject</c>, <c>selectattr</c>, <c>rejectattr</c>: items for which a test holds, or the value is true.</summary>
    public static object Select(Execution run, object? value, CallArguments given, bool wanted, bool byAttribute)
    {
        IReadOnlyList<object?> items = Some(run, value);
        object? attribute = null;
        if (byAttribute)
        {
            attribute = given.Positional.Count > 0 ? given.Positional[0] : throw run.Error("selectattr: expected an attribute.");
            given = given.Skip(1);
        }
        string? test = given.Positional.Count == 0 ? null
            : given.Positional[0] is MarkedText name ? name.Text
            : throw run.Error("select: expected the name of a test.");
        CallArguments rest = given.Skip(1);
        return new JinjaList([.. items.Where(item =>
        {
            object? subject = byAttribute ? Get(run, item, attribute) : item;
            return (test is null ? Operations.IsTrue(subject) : ValueTests.Check(run, test, subject, rest)) == wanted;
        })]);
    }

    /// <summary>Back to front; of a string too.</summary>
    public static object Reverse(Execution run, object? value, CallArguments given)
    {
        List<object?> items = [.. Operations.Iterate(run, value)];
        items.Reverse();
        return value is MarkedText ? TextFilters.JoinItems(run, MarkedText.Empty, items) : new JinjaList(items);
    }

    /// <summary><c>sort(reverse, case_sensitive, attribute)</c>.</summary>
    public static object Sort(Execution run, object? value, CallArguments given)
    {
        bool reverse = given.TryGet(0, "reverse", out object? first) && Operations.IsTrue(first);
        bool exact = given.TryGet(1, "case_sensitive", out object? second) && Operations.IsTrue(second);
        object? attribute = given.TryGet(2, "attribute", out object? third) ? third : null;
        return new JinjaList(Sorted(run, Operations.Iterate(run, value), item => Key(attribute is null ? item : Get(run, item, attribute), exact), reverse));
    }

    /// <summary><c>dictsort(case_sensitive, by, reverse)</c>: pairs of key and value.</summary>
    public static object SortMap(Execution run, object? value, CallArguments given)
    {
        if (value is not JinjaMap map)
            throw run.Error($"dictsort: {Operations.TypeName(value)} is no dictionary.");
        bool exact = given.TryGet(0, "case_sensitive", out object? first) && Operations.IsTrue(first);
        string by = given.TryGet(1, "by", out object? second) ? PythonText.Str(run, second).Text : "key";
        if (by is not ("key" or "value"))
            throw run.Error($"dictsort: expected by='key' or by='value', found '{by}'.");
        bool reverse = given.TryGet(2, "reverse", out object? third) && Operations.IsTrue(third);
        List<object?> pairs = [.. map.Entries.Select(entry => (object?)JinjaList.Tuple(entry.Key, entry.Value))];
        return new JinjaList(Sorted(run, pairs, pair => Key(((JinjaList)pair!).Items[by == "key" ? 0 : 1], exact), reverse));
    }

    /// <summary><c>unique(case_sensitive, attribute)</c>: each value the first time it comes.</summary>
    public static object Unique(Execution run, object? value, CallArguments given)
    {
        bool exact = given.TryGet(0, "case_sensitive", out object? first) && Operations.IsTrue(first);
        object? attribute = given.TryGet(1, "attribute", out object? second) ? second : null;
        List<object?> keys = [];
        List<object?> kept = [];
        foreach (object? item in Operations.Iterate(run, value))
        {
            object? key = Key(attribute is null ? item : Get(run, item, attribute), exact);
            if (keys.Any(known => Operations.AreEqual(run, known, key)))
                continue;
            keys.Add(key);
            kept.Add(item);
        }
        return new JinjaList(kept);
    }

    /// <summary><c>sum(attribute, start)</c>.</summary>
    public static object? Sum(Execution run, object? value, CallArguments given)
    {
        object? attribute = given.TryGet(0, "attribute", out object? first) ? first : null;
        object? total = given.TryGet(1, "start", out object? second) ? second : 0L;
        foreach (object? item in Operations.Iterate(run, value))
            total = Operations.Binary(run, "+", total, attribute is null ? item : Get(run, item, attribute));
        return total;
    }

    /// <summary><c>min</c> and <c>max</c>.</summary>
    public static object? Extreme(Execution run, object? value, CallArguments given, int sign)
    {
        bool exact = given.TryGet(0, "case_sensitive", out object? first) && Operations.IsTrue(first);
        object? attribute = given.TryGet(1, "attribute", out object? second) ? second : null;
        object? Of(object? item) => Key(attribute is null ? item : Get(run, item, attribute), exact);
        object? best = new Undefined("an extreme of nothing");
        foreach (object? item in Operations.Iterate(run, value))
        {
            if (best is Undefined || Operations.Order(run, Of(item), Of(best)) * sign > 0)
                best = item;
        }
        return best;
    }

    /// <summary><c>batch(size, fill)</c>: lists of so many items.</summary>
    public static object Batch(Execution run, object? value, CallArguments given)
    {
        if (!given.TryGet(0, "linecount", out object? first) || Operations.Number(first) is not long size || size < 1)
            throw run.Error("batch: expected a number of at least 1.");
        object? fill = given.TryGet(1, "fill_with", out object? second) ? second : null;
        List<object?> batches = [];
        foreach (object?[] chunk in Operations.Iterate(run, value).Chunk((int)Math.Min(size, int.MaxValue)))
        {
            List<object?> items = [.. chunk];
            if (fill is not null)
                run.Charge(size - items.Count);
            while (fill is not null && items.Count < size)
                items.Add(fill);
            batches.Add(new JinjaList(items));
        }
        return new JinjaList(batches);
    }

    /// <summary><c>groupby(attribute, default)</c>: pairs of a value and the items that have it, in the order of the values.</summary>
    public static object Group(Execution run, object? value, CallArguments given)
    {
        object? attribute = given.TryGet(0, "attribute", out object? first) ? first : throw run.Error("groupby: expected an attribute.");
        object? Of(object? item) => Get(run, item, attribute) is var found && found is Undefined && given.TryGet(1, "default", out object? fallback) ? fallback : found;
        List<object?> groups = [];
        object? last = null;
        foreach (object? item in Sorted(run, Operations.Iterate(run, value), item => Key(Of(item), exact: false), reverse: false))
        {
            object? key = Key(Of(item), exact: false);
            if (groups.Count == 0 || !Operations.AreEqual(run, key, last))
                groups.Add(JinjaList.Tuple(Of(item), new JinjaList([])));
            ((JinjaList)((JinjaList)groups[^1]!).Items[1]!).Items.Add(item);
            last = key;
        }
        return new JinjaList(groups);
    }

    /// <summary>An attribute by its path: <c>function.name</c>, <c>items.0</c>.</summary>
    private static object? Get(Execution run, object? item, object? path)
    {
        if (path is long index)
            return Members.Item(run, item, index);
        foreach (string name in PythonText.Str(run, path).Text.Split('.'))
            item = Members.Item(run, item, long.TryParse(name, out long place) ? place : MarkedText.Template(name));
        return item;
    }

    // as in Jinja, whatever is false has no items here, None too
    private static IReadOnlyList<object?> Some(Execution run, object? value) => Operations.IsTrue(value) ? Operations.Iterate(run, value) : [];

    private static object? Key(object? value, bool exact) => value is MarkedText text && !exact ? TextFilters.Lower(text) : value;

    // stable, also in reverse, as Python's
    private static List<object?> Sorted(Execution run, IReadOnlyList<object?> items, Func<object?, object?> key, bool reverse)
    {
        Comparer<object?> order = Comparer<object?>.Create((left, right) => Operations.Order(run, left, right));
        try
        {
            return [.. reverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException cause) when (cause.InnerException is ChatTemplateException inner)
        {
            throw inner;
        }
    }
}
