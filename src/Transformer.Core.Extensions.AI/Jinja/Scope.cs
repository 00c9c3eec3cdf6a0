namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>The names that a block sees: its own, then those around it.</summary>
internal sealed class Scope(Execution run, Scope? outer = null)
{
    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);

    /// <summary>The run.</summary>
    public Execution Run { get; } = run;

    /// <summary>The value of a name.</summary>
    public object? this[string name]
    {
        get
        {
            for (Scope? scope = this; scope is not null; scope = scope.Outer)
            {
                if (scope._names.TryGetValue(name, out object? value))
                    return value;
            }
            return new Undefined(name);
        }
        set => _names[name] = value;
    }

    private Scope? Outer { get; } = outer;

    /// <summary>A scope inside of this one.</summary>
    public Scope Inner() => new(Run, this);
}
