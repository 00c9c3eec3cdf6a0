namespace Transformer.Core.Extensions.AI.Jinja;

// A value is null (None), bool, long, double, MarkedText, or one of these.

/// <summary>What a name without a value means: prints nothing, is false, has no attributes.</summary>
/// <param name="Name">What was looked for.</param>
internal sealed record Undefined(string Name);

/// <summary>A list, or a tuple, which differs in how it prints and in what it equals.</summary>
internal sealed class JinjaList(List<object?> items, bool isTuple = false)
{
    public List<object?> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;

    public static JinjaList Tuple(params object?[] items) => new([.. items], isTuple: true);
}

/// <summary>A dictionary in the order of its keys' arrival. Keys keep their marks, for they may be data too.</summary>
internal sealed class JinjaMap
{
    private readonly OrderedDictionary<object, (object? Key, object? Value)> _entries = [];

    public int Count => _entries.Count;

    public IEnumerable<object?> Keys => _entries.Values.Select(entry => entry.Key);

    public IEnumerable<object?> Values => _entries.Values.Select(entry => entry.Value);

    public IEnumerable<(object? Key, object? Value)> Entries => _entries.Values;

    public object? this[string key]
    {
        set => Set(MarkedText.Data(key), value);
    }

    public void Set(object? key, object? value) => _entries[Canonical(key)] = (key, value);

    public bool TryGet(object? key, out object? value)
    {
        bool found = _entries.TryGetValue(Canonical(key), out (object? Key, object? Value) entry);
        value = entry.Value;
        return found;
    }

    public bool TryGet(string key, out object? value) => TryGet(MarkedText.Data(key), out value);

    // as in Python 1, 1.0 and True are one key
    private static object Canonical(object? key) => key switch
    {
        null => DBNull.Value,
        bool value => value ? 1L : 0L,
        double value when Math.Abs(value) < 1e15 && value == Math.Floor(value) => (long)value,
        _ => key,
    };
}

/// <summary>What <c>namespace()</c> makes: attributes that inner blocks may set.</summary>
internal sealed class JinjaNamespace
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Something that can be called.</summary>
internal sealed class JinjaFunction(string name, Func<CallArguments, object?> call)
{
    public string Name { get; } = name;

    public object? Call(CallArguments arguments) => call(arguments);
}

/// <summary>Arguments of a call, by place and by name.</summary>
internal sealed class CallArguments(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> named)
{
    public static CallArguments None { get; } = new([], new Dictionary<string, object?>());

    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyDictionary<string, object?> Named { get; } = named;

    /// <summary>Finds an argument by place or name.</summary>
    public bool TryGet(int index, string name, out object? value)
    {
        if (index < Positional.Count)
        {
            value = Positional[index];
            return true;
        }
        return Named.TryGetValue(name, out value);
    }

    /// <summary>The arguments after the first ones.</summary>
    public CallArguments Skip(int count) => new([.. Positional.Skip(count)], Named);
}
