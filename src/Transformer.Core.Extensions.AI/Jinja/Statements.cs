namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>How a block ended.</summary>
internal enum Flow
{
    /// <summary>At its end.</summary>
    Next,

    /// <summary>At a <c>break</c>.</summary>
    Break,

    /// <summary>At a <c>continue</c>.</summary>
    Continue,
}

/// <summary>A part of a template that does something.</summary>
/// <param name="line">Its line, from 1.</param>
internal abstract class Statement(int line)
{
    public Flow Execute(Scope scope)
    {
        scope.Run.Line = line;
        scope.Run.Enter();
        Flow flow = Perform(scope);
        scope.Run.Leave();
        return flow;
    }

    protected abstract Flow Perform(Scope scope);

    /// <summary>Runs statements until one leaves.</summary>
    public static Flow ExecuteAll(IReadOnlyList<Statement> body, Scope scope)
    {
        foreach (Statement statement in body)
        {
            if (statement.Execute(scope) is not Flow.Next and var flow)
                return flow;
        }
        return Flow.Next;
    }
}

/// <summary>Text outside of tags.</summary>
internal sealed class TextStatement(int line, string text) : Statement(line)
{
    private readonly MarkedText _text = MarkedText.Template(text);

    protected override Flow Perform(Scope scope)
    {
        scope.Run.Output.Append(_text);
        return Flow.Next;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(int line, Expression value) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        scope.Run.Output.Append(PythonText.Str(scope.Run, value.Evaluate(scope)));
        return Flow.Next;
    }
}

/// <summary><c>{% if %}</c> with its <c>elif</c>s and <c>else</c>, whose condition is null.</summary>
internal sealed class IfStatement(int line, IReadOnlyList<(Expression? Condition, IReadOnlyList<Statement> Body)> branches) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        foreach ((Expression? condition, IReadOnlyList<Statement> body) in branches)
        {
            if (condition is null || Operations.IsTrue(condition.Evaluate(scope)))
                return ExecuteAll(body, scope);
        }
        return Flow.Next;
    }
}

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
internal sealed class LeaveStatement(int line, Flow flow) : Statement(line)
{
    protected override Flow Perform(Scope scope) => flow;
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(int line, Expression target, Expression value) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        Assignment.Assign(scope, target, value.Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary><c>{% set target %}...{% endset %}</c>; filters are applied to the text.</summary>
internal sealed class BlockSetStatement(int line, Expression target, Func<Expression, Expression> filters, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        MarkedText text = scope.Run.Capture(() => ExecuteAll(body, scope.Inner()));
        Assignment.Assign(scope, target, filters(new LiteralExpression(text)).Evaluate(scope));
        return Flow.Next;
    }
}

/// <summary><c>{% filter name %}...{% endfilter %}</c>.</summary>
internal sealed class FilterStatement(int line, Func<Expression, Expression> filters, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        MarkedText text = scope.Run.Capture(() => ExecuteAll(body, scope.Inner()));
        scope.Run.Output.Append(PythonText.Str(scope.Run, filters(new LiteralExpression(text)).Evaluate(scope)));
        return Flow.Next;
    }
}

/// <summary><c>{% with a = 1 %}...{% endwith %}</c>, and blocks that only group, such as Hugging Face's <c>generation</c>.</summary>
internal sealed class WithStatement(int line, IReadOnlyList<(Expression Target, Expression Value)> assignments, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        if (assignments.Count == 0)
            return ExecuteAll(body, scope);
        Scope inner = scope.Inner();
        foreach ((Expression target, Expression value) in assignments)
            Assignment.Assign(inner, target, value.Evaluate(scope));
        return ExecuteAll(body, inner);
    }
}

/// <summary>Gives values to names: one, several at once, or an attribute of a namespace.</summary>
internal static class Assignment
{
    public static void Assign(Scope scope, Expression target, object? value)
    {
        switch (target)
        {
            case NameExpression name:
                scope[name.Name] = value;
                break;
            case AttributeExpression attribute when attribute.Target.Evaluate(scope) is JinjaNamespace space:
                space.Attributes[attribute.Name] = value;
                break;
            case ListExpression list:
                List<object?> items = [.. Operations.Iterate(scope.Run, value)];
                if (items.Count != list.Items.Count)
                    throw scope.Run.Error($"{list.Items.Count} names are given {items.Count} values.");
                for (int i = 0; i < items.Count; i++)
                    Assign(scope, list.Items[i], items[i]);
                break;
            default:
                throw scope.Run.Error("only a name, a tuple of names or an attribute of a namespace can be set.");
        }
    }
}
