namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary><c>a.name</c>: a method or attribute first, then an entry, as Jinja looks for them.</summary>
internal sealed class AttributeExpression(Expression target, string name) : Expression
{
    public Expression Target { get; } = target;

    public string Name { get; } = name;

    protected override object? Compute(Scope scope) => Members.Attribute(scope.Run, Target.Evaluate(scope), Name);
}

/// <summary><c>a[key]</c>.</summary>
internal sealed class ItemExpression(Expression target, Expression key) : Expression
{
    protected override object? Compute(Scope scope) => Members.Item(scope.Run, target.Evaluate(scope), key.Evaluate(scope));
}

/// <summary><c>a[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step) : Expression
{
    protected override object? Compute(Scope scope) =>
        Members.Slice(scope.Run, target.Evaluate(scope), Bound(scope, start), Bound(scope, stop), Bound(scope, step));

    private static long? Bound(Scope scope, Expression? bound) => bound?.Evaluate(scope) switch
    {
        null => null,
        bool flag => flag ? 1 : 0,
        long number => number,
        object other => throw scope.Run.Error($"a slice needs integers, found {Operations.TypeName(other)}."),
    };
}

/// <summary>The arguments of a call as they are written.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Spread, Expression? NamedSpread)
{
    public static ArgumentList None { get; } = new([], [], null, null);

    public CallArguments Evaluate(Scope scope)
    {
        List<object?> positional = [.. Positional.Select(argument => argument.Evaluate(scope))];
        if (Spread is not null)
            positional.AddRange(Operations.Iterate(scope.Run, Spread.Evaluate(scope)));
        Dictionary<string, object?> named = new(StringComparer.Ordinal);
        foreach ((string name, Expression value) in Named)
            named[name] = value.Evaluate(scope);
        if (NamedSpread is not null)
        {
            if (NamedSpread.Evaluate(scope) is not JinjaMap map)
                throw scope.Run.Error("'**' needs a dictionary.");
            foreach ((object? key, object? value) in map.Entries)
                named[key?.ToString() ?? ""] = value;
        }
        return new CallArguments(positional, named);
    }
}

/// <summary><c>f(...)</c>.</summary>
internal sealed class CallExpression(Expression target, ArgumentList arguments) : Expression
{
    public ArgumentList Arguments { get; } = arguments;

    public Expression Target { get; } = target;

    protected override object? Compute(Scope scope) => Call(scope, Arguments.Evaluate(scope));

    /// <summary>Calls with these arguments.</summary>
    public object? Call(Scope scope, CallArguments given) => Target.Evaluate(scope) switch
    {
        JinjaFunction function => function.Call(given),
        Undefined missing => throw scope.Run.Error($"'{missing.Name}' is undefined and cannot be called."),
        object other => throw scope.Run.Error($"{Operations.TypeName(other)} cannot be called."),
        null => throw scope.Run.Error("None cannot be called."),
    };
}

/// <summary><c>a | filter(...)</c>; without a target, the text of a filter block.</summary>
internal sealed class FilterExpression(Expression target, string name, ArgumentList arguments) : Expression
{
    protected override object? Compute(Scope scope) => Filters.Apply(scope.Run, name, target.Evaluate(scope), arguments.Evaluate(scope));
}

/// <summary><c>a is test(...)</c>.</summary>
internal sealed class TestExpression(Expression target, string name, ArgumentList arguments, bool isNegated) : Expression
{
    protected override object? Compute(Scope scope) =>
        ValueTests.Check(scope.Run, name, target.Evaluate(scope), arguments.Evaluate(scope)) != isNegated;
}
