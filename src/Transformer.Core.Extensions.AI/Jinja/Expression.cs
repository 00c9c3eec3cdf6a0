namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    /// <summary>Its value.</summary>
    public object? Evaluate(Scope scope)
    {
        scope.Run.Enter();
        object? value = Compute(scope);
        scope.Run.Leave();
        return value;
    }

    /// <summary>Its value; depth and steps are already counted.</summary>
    protected abstract object? Compute(Scope scope);
}

/// <summary>A literal without parts: a string, a number.</summary>
internal sealed class LiteralExpression(object? value) : Expression
{
    public object? Value { get; } = value;

    protected override object? Compute(Scope scope) => Value;
}

/// <summary>A variable.</summary>
internal sealed class NameExpression(string name) : Expression
{
    public string Name { get; } = name;

    protected override object? Compute(Scope scope) => scope[Name];
}

/// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
internal sealed class ListExpression(IReadOnlyList<Expression> items, bool isTuple) : Expression
{
    public IReadOnlyList<Expression> Items { get; } = items;

    protected override object? Compute(Scope scope) => new JinjaList([.. Items.Select(item => item.Evaluate(scope))], isTuple);
}

/// <summary><c>{key: value}</c>.</summary>
internal sealed class MapExpression(IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression
{
    protected override object? Compute(Scope scope)
    {
        JinjaMap map = new();
        foreach ((Expression key, Expression value) in entries)
        {
            object? name = key.Evaluate(scope);
            if (name is JinjaList or JinjaMap or JinjaNamespace)
                throw scope.Run.Error($"{Operations.TypeName(name)} cannot be a key.");
            map.Set(name, value.Evaluate(scope));
        }
        return map;
    }
}

/// <summary><c>a if condition else b</c>.</summary>
internal sealed class ConditionalExpression(Expression condition, Expression whenTrue, Expression? whenFalse) : Expression
{
    protected override object? Compute(Scope scope) =>
        Operations.IsTrue(condition.Evaluate(scope)) ? whenTrue.Evaluate(scope)
        : whenFalse is not null ? whenFalse.Evaluate(scope)
        : new Undefined("an 'if' without 'else'");
}

/// <summary><c>a and b</c>, <c>a or b</c>: the value that decides.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right) : Expression
{
    protected override object? Compute(Scope scope)
    {
        object? value = left.Evaluate(scope);
        return Operations.IsTrue(value) == isAnd ? right.Evaluate(scope) : value;
    }
}

/// <summary><c>not a</c>, <c>-a</c>, <c>+a</c>.</summary>
internal sealed class UnaryExpression(string symbol, Expression operand) : Expression
{
    protected override object? Compute(Scope scope)
    {
        object? value = operand.Evaluate(scope);
        return symbol == "not" ? !Operations.IsTrue(value) : Operations.Sign(scope.Run, symbol == "-", value);
    }
}

/// <summary>Arithmetic, and <c>~</c>.</summary>
internal sealed class BinaryExpression(string symbol, Expression left, Expression right) : Expression
{
    protected override object? Compute(Scope scope) => Operations.Binary(scope.Run, symbol, left.Evaluate(scope), right.Evaluate(scope));
}

/// <summary>Comparisons in a row: <c>a &lt; b &lt;= c</c>, <c>a in b</c>.</summary>
internal sealed class ComparisonExpression(Expression first, IReadOnlyList<(string Symbol, Expression Operand)> rest) : Expression
{
    protected override object? Compute(Scope scope)
    {
        object? left = first.Evaluate(scope);
        foreach ((string symbol, Expression operand) in rest)
        {
            object? right = operand.Evaluate(scope);
            if (!Operations.Compare(scope.Run, symbol, left, right))
                return false;
            left = right;
        }
        return true;
    }
}
